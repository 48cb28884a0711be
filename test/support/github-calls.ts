import type { FakeGithub } from '../../src/demo/fake-github/server.ts'

export interface Called {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

export type Caller = (method: string, path: string, body?: unknown) => Promise<Called>

/** Calls the fake as a client with this token would; without one, as a stranger. */
export function caller({ url }: Pick<FakeGithub, 'url'>, secret?: string): Caller {
  return async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : readable(text),
    }
  }
}

function readable(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

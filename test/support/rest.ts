/**
 * What a test needs of a server's REST interface, with the rights of whoever logged in. Plain
 * `fetch`: independent of the code under test.
 */
export interface Rest {
  /** Any status, unjudged. */
  call(
    method: string,
    path: string,
    options?: CallOptions,
  ): Promise<{ status: number; body: unknown }>
  /** These throw for every status but 2xx. `path` starts after `/api/v1`. */
  get<T = Json>(path: string, query?: Record<string, string>): Promise<T>
  post<T = Json>(path: string, json: unknown): Promise<T>
  put<T = Json>(path: string, json: unknown): Promise<T>
  delete(path: string, query?: Record<string, string>): Promise<void>
}

interface CallOptions {
  readonly query?: Record<string, string>
  readonly json?: unknown
}

/** An answer as the server gave it; tests read what they need. */
export interface Json {
  readonly id: string
  readonly name: string
  readonly body: Record<string, unknown>
  readonly metadata: Record<string, unknown> | null
  readonly resources: Record<string, unknown> | null
  readonly items: readonly Json[]
  readonly total: number
}

/** Logs in at the first call, again after a 401 (a restarted server may have another secret). */
export function rest(url: string, login: { apiKey: string } | 'admin'): Rest {
  const form =
    login === 'admin' ? { username: 'default', password: '' } : { password: login.apiKey }
  let token: string | undefined
  const send = async (method: string, path: string, options: CallOptions) => {
    token ??= await logIn(url, form)
    const query =
      options.query === undefined ? '' : `?${new URLSearchParams(options.query).toString()}`
    return fetch(`${url}/api/v1${path}${query}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
    })
  }
  const call = async (method: string, path: string, options: CallOptions = {}) => {
    let response = await send(method, path, options)
    if (response.status === 401) {
      token = undefined
      response = await send(method, path, options)
    }
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
  }
  const expect = async (method: string, path: string, options: CallOptions = {}) => {
    const { status, body } = await call(method, path, options)
    if (status < 200 || status > 299)
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }
  return {
    call,
    get: async <T>(path: string, query?: Record<string, string>) =>
      (await expect('GET', path, query === undefined ? {} : { query })) as T,
    post: async <T>(path: string, json: unknown) => (await expect('POST', path, { json })) as T,
    put: async <T>(path: string, json: unknown) => (await expect('PUT', path, { json })) as T,
    delete: async (path, query) => {
      await expect('DELETE', path, query === undefined ? {} : { query })
    },
  }
}

async function logIn(url: string, form: Record<string, string>): Promise<string> {
  const response = await fetch(`${url}/api/v1/login`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  if (!response.ok) throw new Error(`login at ${url}: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}

/** A new service account's API key, made with the default user's rights. */
export async function makeApiKey(admin: Rest, name = 'ci'): Promise<string> {
  const account = await admin.post('/service_accounts', { name, active: true })
  const key = await admin.post(`/service_accounts/${account.id}/api_keys`, { name: `key-${name}` })
  return key.body['key'] as string
}

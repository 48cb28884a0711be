import {
  startFakeGithub,
  type FakeGithub,
  type FakeGithubOptions,
} from '../../src/demo/fake-github/server.ts'
import { violationsOf } from './github-openapi.ts'

export interface CheckedGithub extends FakeGithub {
  /** What was not as GitHub's description has it, so far. A test that wants one takes it out. */
  readonly violations: string[]
  /** @throws with all violations. */
  close(): Promise<void>
}

/**
 * The fake GitHub, every exchange of which is held against GitHub's OpenAPI description. Close it
 * in every test: that is what throws.
 */
export async function startCheckedGithub(options: FakeGithubOptions): Promise<CheckedGithub> {
  const violations: string[] = []
  const github = await startFakeGithub({
    ...options,
    onExchange(exchange) {
      violations.push(...violationsOf(exchange))
      options.onExchange?.(exchange)
    },
  })
  return {
    ...github,
    violations,
    async close() {
      await github.close()
      if (violations.length > 0)
        throw new Error(`not as GitHub's OpenAPI description has it:\n${violations.join('\n')}`)
    },
  }
}

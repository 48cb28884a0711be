import { expect, it } from '@jest/globals'
import { GithubError } from '../../../src/github/errors.ts'
import { registerSecret } from '../../../src/runtime/secrets.ts'

it('a secret in an answer of GitHub is taken out before the answer is cut off', () => {
  registerSecret('secret-at-the-border')
  const { message } = new GithubError({
    problem: 'refused',
    status: 422,
    route: 'POST /repos/{owner}/{repo}/deployments',
    detail: `${'x'.repeat(490)} secret-at-the-border and more`,
    permission: undefined,
    mayBeDone: false,
    next: 'Run it again.',
    cause: undefined,
  })
  expect(message).toMatch(/xxx \*\*\*/)
  expect(message).not.toContain('secret')
  expect(message.length).toBeLessThan(600)
})

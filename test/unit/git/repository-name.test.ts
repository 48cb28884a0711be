import { expect, it } from '@jest/globals'
import { isSameRepository, repositoryName } from '../../../src/git/repository-name.ts'

it.each([
  ['https://github.com/acme/ml', 'github.com', 'acme/ml'],
  ['https://github.com/acme/ml.git/', 'github.com', 'acme/ml'],
  ['https://octocat:secret@GitHub.com:8443/acme/ml.git', 'github.com', 'acme/ml'],
  ['ssh://git@github.com:22/acme/ml.git', 'github.com', 'acme/ml'],
  ['git@github.com:acme/ml.git', 'github.com', 'acme/ml'],
  ['https://gitlab.com/acme/team/ml.git', 'gitlab.com', 'acme/team/ml'],
])('reads the host, the owner and the name of %s', (address, host, path) => {
  expect(repositoryName(address)).toEqual({ host, path })
})

it.each(['/srv/git/ml', ''])('reads nothing of %j', (address) => {
  expect(repositoryName(address)).toBeUndefined()
})

it('two repositories of one name on two hosts are not the same', () => {
  const at = (host?: string, path = 'acme/ml') => ({ host, path })
  expect(isSameRepository(at('github.com'), at('GitHub.com:443', 'Acme/ML'))).toBe(true)
  expect(isSameRepository(at('github.com'), at('gitlab.com'))).toBe(false)
  expect(isSameRepository(at('github.com'), at('github.com', 'acme/other'))).toBe(false)
  expect(isSameRepository(at(), at('gitlab.com'))).toBe(true)
  expect(isSameRepository(at('work'), at('github.com'))).toBe(true)
  expect(isSameRepository(at('ssh.github.com'), at('github.com'))).toBe(true)
})

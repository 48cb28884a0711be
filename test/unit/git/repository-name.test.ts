import { expect, it } from '@jest/globals'
import { repositoryName } from '../../../src/git/repository-name.ts'

it.each([
  ['https://github.com/acme/ml', 'acme/ml'],
  ['https://github.com/acme/ml.git/', 'acme/ml'],
  ['https://octocat@github.com/acme/ml.git', 'acme/ml'],
  ['ssh://git@github.com:22/acme/ml.git', 'acme/ml'],
  ['git@github.com:acme/ml.git', 'acme/ml'],
  ['https://gitlab.com/acme/team/ml.git', 'acme/team/ml'],
  ['/srv/git/ml', undefined],
  ['', undefined],
])('reads the owner and the name of %s', (address, name) => {
  expect(repositoryName(address)).toBe(name)
})

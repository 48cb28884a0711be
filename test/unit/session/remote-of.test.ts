import { describe, expect, it } from '@jest/globals'
import { splitAddress } from '../../../src/session/remote-of.ts'

describe('the address of a repository', () => {
  it.each([
    [
      'https://gitlab-ci-token:a%2Fb@gitlab.example.com/acme/ml.git',
      { url: 'https://gitlab.example.com/acme/ml.git', username: 'gitlab-ci-token', token: 'a/b' },
    ],
    [
      'https://acme@dev.azure.com/acme/ml',
      { url: 'https://dev.azure.com/acme/ml', username: 'acme', token: undefined },
    ],
    ['https://github.com/acme/ml', { url: 'https://github.com/acme/ml' }],
    ['git@github.com:acme/ml.git', { url: 'git@github.com:acme/ml.git', token: undefined }],
    ['/srv/git/ml@2.git', { url: '/srv/git/ml@2.git', token: undefined }],
  ])('%s is split into what is shown and what git is given', (address, parts) => {
    expect(splitAddress(address)).toEqual(parts)
  })
})

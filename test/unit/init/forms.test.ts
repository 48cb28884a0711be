import { describe, expect, it } from '@jest/globals'
import { formFor, remoteHost } from '../../../src/init/forms.ts'
import { isPrivateAddress, isPrivateHost } from '../../../src/init/private-address.ts'
import { releaseFor } from '../../../src/init/release-choice.ts'

const STAGING = { environment: 'staging', host: 'zenml.internal' } as const

describe('the form of the workflow', () => {
  it.each([
    ['both servers are public', 'github.com', [], undefined, 'called', /no server was found/],
    ['there is no remote', null, [], undefined, 'called', /no server was found/],
    [
      'a server is private',
      'github.com',
      [STAGING],
      undefined,
      'own-copy',
      /zenml\.internal \(staging\) is in a private network/,
    ],
    [
      'GitHub is another',
      'github.acme.com',
      [STAGING],
      undefined,
      'composites',
      /on github\.acme\.com/,
    ],
    ['GitHub is named by an SSH alias', 'github-work', [], undefined, 'called', /no server/],
    ['GitHub is its second SSH host', 'ssh.github.com', [], undefined, 'called', /no server/],
    ['copies are wanted', 'github.acme.com', [], 'true', 'own-copy', /is true/],
    ['no copies are wanted', 'github.com', [STAGING], 'false', 'called', /is false/],
    [
      'no copies are wanted, on another GitHub',
      'github.acme.com',
      [],
      'false',
      'composites',
      /github\.acme\.com/,
    ],
  ] as const)('when %s', (_when, host, privateServers, ownWorkflows, form, why) => {
    expect(
      formFor({ host, privateServers, hasCopies: false, ownRunner: null }, ownWorkflows),
    ).toEqual({
      form,
      why: expect.stringMatching(why) as unknown,
    })
  })
})

it('the form of the own copy stays, unless the input says otherwise', () => {
  const evidence = { host: 'github.com', privateServers: [], ownRunner: null, hasCopies: true }
  expect(formFor(evidence, undefined).form).toBe('own-copy')
  expect(formFor(evidence, 'false').form).toBe('called')
})

describe('the host of a remote', () => {
  it.each([
    ['https://github.com/acme/ml.git', 'github.com'],
    ['https://user:token@GitHub.acme.com:8443/acme/ml', 'github.acme.com'],
    ['git@github.com:acme/ml.git', 'github.com'],
    ['ssh://git@github.acme.com:22/acme/ml.git', 'github.acme.com'],
    ['/srv/git/ml.git', null],
    ['../ml', null],
    ['file:///srv/git/ml.git', null],
  ])('of %s is %s', (address, host) => {
    expect(remoteHost(address)).toBe(host)
  })
})

describe('a private address', () => {
  it.each([
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '127.0.0.1',
    '100.100.1.1',
    '169.254.1.1',
    '::1',
    'fd12::1',
    'fe80::1',
  ])('is %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  it.each(['172.32.0.1', '8.8.8.8', '100.128.0.1', '2001:db8::1', 'zenml.example.com'])(
    'is not %s',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false)
    },
  )

  it.each([
    ['zenml.internal', true],
    ['zenml.corp.local', true],
    ['zenml', true],
    ['localhost', true],
    ['[::1]', true],
    ['10.0.0.1', true],
    ['8.8.8.8', false],
    ['internal.invalid', false],
    ['zenmlinternal.invalid', false],
  ])('is that of the host %s: %s', async (host, is) => {
    expect(await isPrivateHost(host)).toBe(is)
  })
})

describe('the release at which actions are used', () => {
  const commit = 'c'.repeat(40)
  const none = { version: '0.0.0', commit: '0'.repeat(40) }
  const last = { version: '1.2.0', commit: 'd'.repeat(40) }

  it('is the commit that is given, with the version that runs', () => {
    for (const known of [none, last])
      expect(releaseFor('called', commit, { version: '1.3.0', last: known })).toEqual({
        version: '1.3.0',
        commit,
      })
  })

  it('is the last release otherwise', () => {
    for (const form of ['called', 'own-copy', 'composites'] as const)
      expect(releaseFor(form, undefined, { version: '1.2.0', last })).toEqual(last)
    expect(releaseFor('called', undefined, { version: '1.3.0', last })).toEqual(last)
  })

  it.each([
    ['there is no release', 'called', none, /^input ref is missing: zenml-upgrade has no release/],
    [
      'the text of the copies is newer than the last release',
      'own-copy',
      last,
      /this is zenml-upgrade 1\.3\.0.*is 1\.2\.0$/,
    ],
  ] as const)('is missing where %s', (_where, form, known, message) => {
    expect(() => releaseFor(form, undefined, { version: '1.3.0', last: known })).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: expect.stringMatching(message) as unknown,
        next: expect.stringContaining('--ref') as unknown,
      }),
    )
  })
})

import { describe, expect, it } from '@jest/globals'
import { formFor } from '../../../src/init/forms.ts'
import { ownRunner } from '../../../src/init/own-runner.ts'

const job = (runner: string) => `on: push\njobs: { a: { runs-on: ${runner} } }\n`
const call = (runner: string) =>
  `on: push\njobs:\n  a:\n    uses: o/r/.github/workflows/w.yml@v1\n    with: { runs-on: '${runner}' }\n`

describe('a runner of the repository’s own', () => {
  it.each([
    ['a self-hosted label', job('zenml'), 'zenml'],
    ['several labels', job('[self-hosted, zenml]'), '["self-hosted","zenml"]'],
    ['a group', job('{ group: large }'), '{"group":"large"}'],
    ['labels as JSON in an input', call('["self-hosted"]'), '["self-hosted"]'],
    ['a larger runner', call('ubuntu-16-cores'), 'ubuntu-16-cores'],
    ['a runner of GitHub', job('ubuntu-24.04'), null],
    ['a runner of GitHub as JSON', call('"ubuntu-latest"'), null],
    ['an expression', job("'${{ matrix.os }}'"), null],
    ['no workflow', 'a: [', null],
  ])('is found in %s', (_, text, runner) => {
    expect(ownRunner(text)).toBe(runner)
  })

  it('asks for the own copy', () => {
    const evidence = {
      host: 'github.com',
      hasCopies: false,
      privateServers: [],
      ownRunner: 'zenml',
    }
    expect(formFor(evidence, undefined)).toMatchObject({
      form: 'own-copy',
      why: expect.stringContaining('runs on zenml') as unknown,
    })
    expect(formFor(evidence, 'false').form).toBe('called')
  })
})

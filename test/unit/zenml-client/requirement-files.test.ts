import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import {
  readRequirementFiles,
  zenmlRequirements,
} from '../../../src/zenml-client/requirement-files.ts'
import type { UvCall } from '../../../src/zenml-client/run-uv.ts'
import { testMachine } from '../../support/machine.ts'

const NO_UV: UvCall = {
  machine: testMachine(),
  uv: { path: '/no/uv', version: '0' },
  cacheDirectory: tmpdir(),
}

const wishes = (content: string) =>
  zenmlRequirements([{ path: 'requirements.txt', content }], '0.98.0').map(
    ({ line, extras, allows }) => [line, extras, allows],
  )

describe('zenmlRequirements', () => {
  it.each([
    ['zenml', [], true],
    ['zenml>=0.94,<1', [], true],
    ['zenml[s3fs, server]==0.94.1', ['s3fs', 'server'], false],
    ['ZenML ~= 0.94.0  # pinned in spring', [], false],
    ['zenml==0.98.*', [], true],
    ['zenml (<0.95)', [], false],
    ['zenml==0.94.1 ; python_version < "3.12"', [], false],
    ['zenml @ git+https://github.com/zenml-io/zenml', [], false],
  ])('judges %s', (line, extras, allows) => {
    expect(wishes(`requests\n${line}\n`)).toEqual([[line, extras, allows]])
  })

  it('judges a line that goes on with its hashes', () => {
    expect(wishes('zenml==0.94.1 \\\n    --hash=sha256:abc\n')).toEqual([
      ['zenml==0.94.1', [], false],
    ])
  })

  it.each(['zenml-extension==1.0', 'zenmlx', '# zenml==0.94.1', 'not-zenml==1'])(
    'leaves %s alone',
    (line) => {
      expect(wishes(line)).toEqual([])
    },
  )
})

describe('zenmlRequirements of a pyproject.toml', () => {
  const wishesOf = (content: string) =>
    zenmlRequirements([{ path: '/ml/pyproject.toml', content }], '0.98.0').map(
      ({ line, extras, allows }) => [line, extras, allows],
    )

  it('finds the pin among the dependencies of the project, with its extras', () => {
    expect(
      wishesOf(
        '[project]\nname = "churn"\ndependencies = ["zenml[s3fs]==0.94.1", "zenml-extension"]\n',
      ),
    ).toEqual([['zenml[s3fs]==0.94.1', ['s3fs'], false]])
  })

  it('looks at no other table, and leaves what is no TOML to uv', () => {
    expect(wishesOf('[dependency-groups]\ndev = ["zenml==0.94.1"]\n')).toEqual([])
    expect(wishesOf('[project\n')).toEqual([])
  })
})

describe('readRequirementFiles', () => {
  it('follows what they include, once, and says which one is missing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'requirements-'))
    try {
      await mkdir(join(directory, 'more'))
      const [top, base, pins] = [
        join(directory, 'requirements.txt'),
        join(directory, 'more', 'base.txt'),
        join(directory, 'pins.txt'),
      ]
      await writeFile(top, '-r more/base.txt\n-c pins.txt\nrequests\n')
      await writeFile(base, '--requirement=../requirements.txt\nzenml\n')
      await writeFile(pins, 'zenml==0.94.1\n')
      expect((await readRequirementFiles([top], NO_UV)).map(({ path }) => path)).toEqual([
        top,
        base,
        pins,
      ])
      await rm(base)
      await expect(readRequirementFiles([top], NO_UV)).rejects.toThrow(`${base} cannot be read`)
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseConfig } from '../../../src/config/load.ts'
import {
  canonicalJson,
  differingParts,
  sourceDigest,
  testedDigest,
  upgradeDigest,
  upgradeInputs,
  type SourceRevision,
} from '../../../src/state/content-digest.ts'
import { headCommit, trackedFiles, type TrackedFile } from '../../../src/git/git.ts'

const FILE = `
zenml: 0.98.0
environments:
  staging: { server: "https://staging.test", deploy: { command: { deploy: ./deploy.sh } } }
  production: { server: "https://production.test", deploy: { command: { deploy: ./deploy.sh } } }
smoke: [{ command: pytest }]
`
const digest = (
  text: string,
  files = [{ path: 'pipelines.py', blob: '1' }],
  targetVersion = '0.98.0',
) =>
  testedDigest({
    config: parseConfig(text, 'zenml-upgrade.yml'),
    targetVersion,
    files,
    configPath: 'zenml-upgrade.yml',
  })

describe('what differs between two contents', () => {
  const content = (text: string, files: TrackedFile[], targetVersion = '0.98.0') => ({
    config: parseConfig(text, 'zenml-upgrade.yml'),
    targetVersion,
    files,
    configPath: 'zenml-upgrade.yml',
  })
  const file = (path: string, blob = '1'): TrackedFile => ({ path, blob })
  const one = content(FILE, [file('deploy.sh'), file('pipelines.py')])

  it('is nothing for the same content', () => {
    expect(differingParts(one, one)).toEqual([])
  })

  it('is named by the keys of the file, the files of a source and those of the deployment', () => {
    const other = content(
      `${FILE.replace('pytest', 'pytest -q')}execute: { staging: none }\n`,
      [file('deploy.sh', '2'), ...['a', 'b', 'c', 'd', 'e', 'f'].map((path) => file(`${path}.py`))],
      '0.98.1',
    )
    expect(differingParts(one, other)).toEqual([
      'zenml',
      'smoke',
      'execute.staging',
      'source default (a.py, b.py, c.py, d.py, deploy.sh and 3 more)',
      'the files that staging is deployed with',
    ])
  })
})

describe('what an upgrade is made with', () => {
  const TWO = FILE.replace(
    'production: { server: "https://production.test", deploy: { command: { deploy: ./deploy.sh }',
    'production: { server: "https://production.test", deploy: { command: { deploy: ./production.sh }',
  )
  const inputs = (text: string, files: TrackedFile[]) =>
    upgradeInputs(
      {
        config: parseConfig(text, 'zenml-upgrade.yml'),
        targetVersion: '0.98.0',
        files,
        configPath: 'zenml-upgrade.yml',
      },
      'production',
    )
  const files = (blobs: Readonly<Record<string, string>> = {}): TrackedFile[] =>
    ['deploy.sh', 'pipelines.py', 'production.sh'].map((path) => ({
      path,
      blob: blobs[path] ?? '1',
    }))
  const before = inputs(TWO, files())

  it('names the files that the environment is deployed with', () => {
    expect(before.files).toEqual(['production.sh'])
  })

  it('is the same for the same content, whatever comments say', () => {
    expect(inputs(`# a comment\n${TWO}`, files())).toEqual(before)
  })

  it.each(['deploy.sh', 'pipelines.py', 'production.sh'])('changes with the file %s', (path) => {
    expect(inputs(TWO, files({ [path]: '2' })).digest).not.toBe(before.digest)
  })

  it('changes with a setting of the environment itself', () => {
    const text = TWO.replace('./production.sh', './production.sh --wait')
    expect(inputs(text, files()).digest).not.toBe(before.digest)
  })
})

describe('what a pull request changes of the upgrade', () => {
  const TEXT = `${FILE}sources: [{ name: churn, path: services/churn, install: { requirements: [requirements.txt] } }]
snapshots: [{ name: training, config: { staging: configs/staging.yaml } }]
`
  const FILES = [
    '.github/actions/zenml-upgrade-setup/action.yml',
    '.github/workflows/lint.yml',
    '.github/workflows/zenml-upgrade-staging.yml',
    'configs/staging.yaml',
    'deploy.sh',
    'docs/notes.md',
    'services/churn/configs/staging.yaml',
    'services/churn/pipelines/training.py',
    'services/churn/requirements.txt',
    'zenml-upgrade.yml',
  ]
  const after = (changed: string, targetVersion = '0.98.0') =>
    upgradeDigest({
      config: parseConfig(TEXT, 'zenml-upgrade.yml'),
      targetVersion,
      files: FILES.map((path) => ({ path, blob: path === changed ? '2' : '1' })),
      configPath: 'zenml-upgrade.yml',
    })

  it.each([
    ['the configuration file', 'zenml-upgrade.yml'],
    ['a script of the deploy command', 'deploy.sh'],
    ['requirements of a source', 'services/churn/requirements.txt'],
    ['a run configuration of a source', 'services/churn/configs/staging.yaml'],
    ['our workflow', '.github/workflows/zenml-upgrade-staging.yml'],
    ['the set-up of our workflow', '.github/actions/zenml-upgrade-setup/action.yml'],
  ])('is %s', (_what, path) => {
    expect(after(path)).not.toBe(after(''))
  })

  it.each([
    ['pipeline code', 'services/churn/pipelines/training.py'],
    ['a page', 'docs/notes.md'],
    ['another workflow', '.github/workflows/lint.yml'],
    ['a file of the same name outside of the source', 'configs/staging.yaml'],
  ])('is not %s', (_what, path) => {
    expect(after(path)).toBe(after(''))
  })

  it('is the version, wherever that is written', () => {
    expect(after('', '0.98.1')).not.toBe(after(''))
  })
})

describe('what was tested', () => {
  it('is the same for the same content', () => {
    expect(digest(FILE)).toBe(digest(`# a comment\n${FILE}`))
  })
  it.each<[string, string]>([
    ['the address of production', FILE.replace('https://production.test', 'https://new.test')],
    ['the execution in production', `${FILE}execute: { production: all }\n`],
    ['the hold label', `${FILE}promotion: { hold-label: wait }\n`],
  ])('does not depend on %s', (_what, text) => {
    expect(digest(text)).toBe(digest(FILE))
  })
  it.each<[string, string]>([
    ['the smoke suite', FILE.replace('pytest', 'pytest -q')],
    ['the execution in staging', `${FILE}execute: { staging: none }\n`],
    ['an exclusion', `${FILE}exclude: [{ pattern: old, reason: retired }]\n`],
    ['a twin', `${FILE}stacks: { a: b }\n`],
    ['a declared snapshot', `${FILE}snapshots: [{ name: a }]\n`],
  ])('depends on %s', (_what, text) => {
    expect(digest(text)).not.toBe(digest(FILE))
  })
  it('depends on the version and on every tracked file but the workflows and the file itself', () => {
    expect(digest(FILE, undefined, '0.98.1')).not.toBe(digest(FILE))
    expect(digest(FILE, [{ path: 'pipelines.py', blob: '2' }])).not.toBe(digest(FILE))
    expect(digest(FILE, [{ path: 'other.py', blob: '1' }])).not.toBe(digest(FILE))
    const more = [
      { path: 'pipelines.py', blob: '1' },
      { path: '.github/workflows/a.yml', blob: '9' },
      { path: 'zenml-upgrade.yml', blob: '9' },
    ]
    expect(digest(FILE, more)).toBe(digest(FILE))
  })
  describe('of the files that environments are deployed with', () => {
    const helm = (environment: string) =>
      `{ command: { deploy: "helm upgrade zenml -f deploy/common.yaml -f deploy/${environment}.yaml" } }`
    const HELM = FILE.replace('{ command: { deploy: ./deploy.sh } }', helm('staging')).replace(
      '{ command: { deploy: ./deploy.sh } }',
      helm('production'),
    )
    const paths = [
      'deploy/common.yaml',
      'deploy/production.yaml',
      'deploy/staging.yaml',
      'pipelines.py',
      'scripts/deploy.py',
      'scripts/pipelines/train.py',
    ]
    const files = (changed?: string) =>
      paths.map((path) => ({ path, blob: path === changed ? '2' : '1' }))
    const dependsOn = (text: string, path: string) =>
      digest(text, files(path)) !== digest(text, files())

    it("leaves production's out and keeps staging's", () => {
      expect(paths.filter((path) => dependsOn(HELM, path))).toEqual([
        'deploy/common.yaml',
        'deploy/staging.yaml',
        'pipelines.py',
        'scripts/deploy.py',
        'scripts/pipelines/train.py',
      ])
    })

    it('knows the files in the words of a command, quoted or joined', () => {
      const command = (line: string) =>
        FILE.replace(
          'production.test", deploy: { command: { deploy: ./deploy.sh } }',
          `production.test", deploy: { command: { deploy: '${line}' } }`,
        )
      for (const line of [
        './scripts/deploy.py --now',
        'cd . && "./scripts/deploy.py"',
        'true;scripts/deploy.py',
        'python scripts/deploy.py|tee log',
        'python <scripts/deploy.py',
        './run --with=scripts/deploy.py',
        'SCRIPT=scripts/deploy.py ./run',
        '"$PWD/scripts/deploy.py"',
        '"${GITHUB_WORKSPACE}/scripts/deploy.py"',
      ])
        expect({ line, depends: dependsOn(command(line), 'scripts/deploy.py') }).toEqual({
          line,
          depends: false,
        })
    })

    it('never takes a word of a command for a folder, which could hide pipelines', () => {
      for (const word of [
        'scripts',
        './scripts',
        'scripts/',
        'scripts/pipelines',
        '.',
        './',
        '*',
        'scripts/*',
      ]) {
        const text = FILE.replace(
          'production.test", deploy: { command: { deploy: ./deploy.sh } }',
          `production.test", deploy: { command: { deploy: 'tar cz ${word}' } }`,
        )
        expect({ word, depends: dependsOn(text, 'scripts/pipelines/train.py') }).toEqual({
          word,
          depends: true,
        })
      }
    })

    it('takes a folder that a driver names, and never the whole repository', () => {
      const local = (directory: string) =>
        FILE.replace(
          'production.test", deploy: { command: { deploy: ./deploy.sh } }',
          `production.test", deploy: { local: { directory: ${directory}, port: 8237 } }`,
        )
      expect(dependsOn(local('deploy'), 'deploy/production.yaml')).toBe(false)
      expect(dependsOn(local('./deploy/'), 'deploy/production.yaml')).toBe(false)
      expect(dependsOn(local('dep'), 'deploy/production.yaml')).toBe(true)
      for (const whole of ['.', './', '../'])
        expect({ whole, depends: dependsOn(local(whole), 'pipelines.py') }).toEqual({
          whole,
          depends: true,
        })
    })

    it('counts what staging is deployed with, also outside of every source', () => {
      const sources = `${HELM}sources: [{ name: a, path: scripts/pipelines }]\n`
      expect(paths.filter((path) => dependsOn(sources, path))).toEqual([
        'deploy/common.yaml',
        'deploy/staging.yaml',
        'scripts/pipelines/train.py',
      ])
    })
  })
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: { d: 1, c: 2 }, a: [{ z: 1, y: 2 }] })).toBe(
      '{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}',
    )
  })
})

describe('the tracked files of a folder', () => {
  let root: string
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@t.test', ...args], {
      encoding: 'utf8',
    })
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tracked-'))
    git('init', '-q')
    mkdirSync(join(root, 'sub'))
    writeFileSync(join(root, 'sub', 'ä b.py'), 'one\n')
    writeFileSync(join(root, 'top.py'), 'one\n')
    git('add', '.')
    git('commit', '-q', '-m', 'first')
  })
  afterAll(() => {
    rmSync(root, { recursive: true })
  })

  it('are told with paths relative to it, as they lie in the work tree', async () => {
    const before = await trackedFiles(join(root, 'sub'))
    expect(before.map(({ path }) => path)).toEqual(['ä b.py'])
    writeFileSync(join(root, 'sub', 'ä b.py'), 'two\n')
    writeFileSync(join(root, 'sub', 'untracked.py'), 'x\n')
    const changed = await trackedFiles(join(root, 'sub'))
    expect(changed).toEqual([
      { path: 'ä b.py', blob: git('hash-object', join('sub', 'ä b.py')).trim() },
    ])
    expect(changed[0]?.blob).not.toBe(before[0]?.blob)
    rmSync(join(root, 'sub', 'ä b.py'))
    expect(await trackedFiles(join(root, 'sub'))).toEqual([])
    expect(await headCommit(root)).toBe(git('rev-parse', 'HEAD').trim())
  })

  it('cannot be told outside a repository', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plain-'))
    try {
      await expect(trackedFiles(folder)).rejects.toMatchObject({
        code: 'invalid-input',
        next: expect.stringContaining('clone') as unknown,
      })
      expect(await headCommit(folder)).toBeNull()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('what was tested of another repository', () => {
  const NOTHING = { requirements: [], 'index-env': [] }
  const TWO = `${FILE.replace('[{ command: pytest }]', '[{ source: own, command: pytest }]')}sources: [{ name: own, snapshots: [a] }, { name: churn, repository: acme/churn, path: services/churn, snapshots: ["churn-*"] }]\n`
  const of = (changes: Partial<SourceRevision> = {}) =>
    testedDigest({
      config: parseConfig(TWO, 'zenml-upgrade.yml'),
      targetVersion: '0.98.0',
      files: [],
      configPath: 'zenml-upgrade.yml',
      revisions: [{ name: 'churn', commit: 'c'.repeat(40), digest: 'd', ...changes }],
    })

  it('is its files, not its commit', () => {
    expect(of({ commit: 'e'.repeat(40) })).toBe(of())
    expect(of({ digest: 'other' })).not.toBe(of())
  })
  it('is never left out', () => {
    expect(() => of({ name: 'another' })).toThrow('the source churn was not read')
  })
  it('is what lies below its path, without the workflows', () => {
    const files = [
      { path: '.github/workflows/ci.yml', blob: '1' },
      { path: 'README.md', blob: '1' },
      { path: 'services/churn/run.py', blob: '1' },
    ]
    const ofPath = (all: typeof files, path: string) =>
      sourceDigest(all, { path, install: NOTHING }, [])
    const changed = (path: string) =>
      files.map((file) => (file.path === path ? { ...file, blob: '2' } : file))
    expect(
      files
        .filter(
          ({ path }) => ofPath(changed(path), 'services/churn') !== ofPath(files, 'services/churn'),
        )
        .map(({ path }) => path),
    ).toEqual(['services/churn/run.py'])
    expect(
      files
        .filter(({ path }) => ofPath(changed(path), '.') !== ofPath(files, '.'))
        .map(({ path }) => path),
    ).toEqual(['README.md', 'services/churn/run.py'])
    expect(ofPath(files, 'services/other')).toBeUndefined()
  })

  it.each<[string, TrackedFile[], string[], string[]]>([
    ['a link below its path', [{ path: 'services/churn/common', blob: '1', link: true }], [], []],
    ['a requirements file', [], ['../../requirements.txt'], []],
    ['a configuration that is declared', [], [], ['../../configs/staging.yaml']],
  ])('is the whole repository where %s leads out of there', (_what, more, requirements, named) => {
    const files = (blob: string): TrackedFile[] => [
      { path: 'libs/common.py', blob },
      { path: 'services/churn/run.py', blob: '1' },
      ...more,
    ]
    const digestOf = (blob: string, out: boolean) =>
      sourceDigest(
        files(blob).filter(({ link }) => out || link !== true),
        {
          path: 'services/churn',
          install: { requirements: out ? requirements : ['requirements.txt'], 'index-env': [] },
        },
        out ? named : ['configs/staging.yaml'],
      )
    expect(digestOf('1', true)).not.toBe(digestOf('2', true))
    expect(digestOf('1', false)).toBe(digestOf('2', false))
  })
})

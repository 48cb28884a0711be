import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { shellcheck, tool } from '../support/environments.ts'

// The workflows of this repository for itself: who may do what, and what a release is made of.

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly needs?: string
  readonly if?: string
  readonly environment?: unknown
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> }
  readonly steps: readonly Step[]
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const ROOT = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const workflow = (name: string): Workflow =>
  parse(read(`.github/workflows/${name}.yml`)) as Workflow
const OWN = ['ci', 'codeql', 'dependency-review', 'release'] as const

const PERMISSIONS: Readonly<
  Record<(typeof OWN)[number], Readonly<Record<string, Readonly<Record<string, string>>>>>
> = {
  ci: { check: { contents: 'read' }, 'ci-ok': {} },
  codeql: { analyze: { contents: 'read', actions: 'read', 'security-events': 'write' } },
  'dependency-review': { review: { contents: 'read' } },
  release: {
    check: { contents: 'read' },
    publish: { contents: 'write', 'id-token': 'write', attestations: 'write' },
    major: { contents: 'write' },
  },
}

describe.each(OWN)('%s.yml', (name) => {
  it('permits each job what it needs, and no job what is not said', () => {
    const { permissions, jobs } = workflow(name)
    expect(permissions).toEqual({})
    expect(
      Object.fromEntries(Object.entries(jobs).map(([id, job]) => [id, job.permissions])),
    ).toEqual(PERMISSIONS[name])
  })

  it('reads no secret, and nothing of a pull request runs with rights', () => {
    expect(read(`.github/workflows/${name}.yml`)).not.toMatch(
      /secrets\.|pull_request_target|workflow_run/,
    )
  })

  it('keeps nothing from one run for the next', () => {
    for (const { steps } of Object.values(workflow(name).jobs)) {
      for (const step of steps) {
        expect(step.uses ?? '').not.toMatch(/cache/)
        if (step.uses?.startsWith('actions/setup-node@') === true)
          expect(step.with?.['package-manager-cache']).toBe(false)
        if (step.uses?.startsWith('actions/checkout@') === true)
          expect(step.with?.['persist-credentials']).toBe(false)
      }
    }
  })
})

describe('ci.yml', () => {
  it('runs what a clean clone must pass, for pull requests and main, on the oldest Node and that of actions', () => {
    const { on, jobs } = workflow('ci')
    expect(on).toEqual({ pull_request: null, push: { branches: ['main'] } })
    expect(jobs['check']?.steps.map(({ run }) => run).filter((run) => run !== undefined)).toEqual([
      'sudo -E env "PATH=$PATH" bash .ci/run',
    ])
    expect(jobs['check']?.strategy?.matrix).toEqual({ node: [20, 24] })
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
    expect(engines.node).toMatch(/^>=20\./)
  })

  it('has one check that fails with any of the others', () => {
    expect(workflow('ci').jobs['ci-ok']).toMatchObject({ if: 'always()', needs: 'check' })
    expect(() =>
      execFileSync('bash', ['--norc', '-c', workflow('ci').jobs['ci-ok']?.steps[0]?.run ?? ''], {
        env: { RESULT: 'success' },
      }),
    ).not.toThrow()
    for (const RESULT of ['failure', 'cancelled', 'skipped', ''])
      expect(() =>
        execFileSync('bash', ['--norc', '-c', workflow('ci').jobs['ci-ok']?.steps[0]?.run ?? ''], {
          env: { RESULT },
        }),
      ).toThrow()
  })
})

describe('release.yml', () => {
  const { on, jobs } = workflow('release')

  it('goes step by step: all checks, then the release, then the major tag', () => {
    expect(on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+*'] } })
    expect(Object.entries(jobs).map(([id, { needs }]) => [id, needs])).toEqual([
      ['check', undefined],
      ['publish', 'check'],
      ['major', 'publish'],
    ])
    expect(jobs['check']?.steps.map(({ run }) => run).filter((run) => run !== undefined)).toEqual([
      'node scripts/release/main.mjs check "$GITHUB_REF_NAME"',
      'sudo -E env "PATH=$PATH" bash .ci/run',
    ])
  })

  it('runs nothing of a dependency where it may write, and asks a person first', () => {
    for (const id of ['publish', 'major'])
      expect(jobs[id]?.steps.map(({ run }) => run ?? '').join('\n')).not.toMatch(
        /\b(npm|npx|pip|uv)\b/,
      )
    expect(jobs['publish']?.environment).toEqual({ name: 'release', deployment: false })
  })

  it('attests before it publishes, and everything that users run', () => {
    const { steps = [] } = jobs['publish'] ?? {}
    expect(steps.map(({ uses, run }) => (uses ?? run ?? '').split(/[@ ]/)[0])).toEqual([
      'actions/checkout',
      'git',
      'actions/attest',
      'scripts/release/publish.sh',
    ])
    expect(String(steps[2]?.with?.['subject-path']).trim().split('\n')).toEqual([
      'dist/**',
      'zenml_upgrade_fork_server.tar.gz',
      'schema/*',
      'action.yml',
      'actions/*/action.yml',
    ])
  })

  it('gives the release everything in dist/, a directory as an archive', () => {
    const { steps = [] } = jobs['publish'] ?? {}
    const published = (steps.at(-1)?.run ?? '').split(' ').slice(2)
    const shipped = readdirSync(join(ROOT, 'dist'), { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `${entry.name}.tar.gz` : `dist/${entry.name}`,
    )
    expect(published.filter((file) => file !== 'schema/*').sort()).toEqual(shipped.sort())
    // Without its output file the command writes to standard output.
    const pack = (steps[1]?.run ?? '').replace(/--output=\S+ /, '')
    const files = execFileSync('bash', ['-c', `${pack} | tar --list --gzip`], { cwd: ROOT })
    expect(files.toString()).toContain('dist/zenml_upgrade_fork_server/__main__.py\n')
  })

  it.each(['scripts/release/publish.sh', 'scripts/release/move-major.sh'])(
    '%s can be executed, and shellcheck has nothing to say',
    async (script) => {
      expect(() => {
        accessSync(join(ROOT, script), constants.X_OK)
      }).not.toThrow()
      expect(execFileSync(await shellcheck(), [join(ROOT, script)], { encoding: 'utf8' })).toBe('')
    },
    300_000,
  )
})

describe('package.json', () => {
  it('installs exact versions, and runs none of their scripts', () => {
    const { dependencies, devDependencies, overrides } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...devDependencies,
      ...overrides,
    }))
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m)
    expect(read('.ci/run')).toMatch(/^npm ci --ignore-scripts /m)
  })
})

describe('dependabot.yml', () => {
  it('is one by its schema, and no update comes before it is two weeks old', async () => {
    const file = join(ROOT, '.github', 'dependabot.yml')
    expect(
      execFileSync(
        await tool('check-jsonschema==0.39.0', 'check-jsonschema'),
        ['--builtin-schema', 'vendor.dependabot', file],
        { encoding: 'utf8' },
      ),
    ).toContain('ok -- validation done')
    const { updates } = parse(readFileSync(file, 'utf8')) as {
      updates: { 'package-ecosystem': string; cooldown: unknown }[]
    }
    expect(updates.map((update) => [update['package-ecosystem'], update.cooldown])).toEqual([
      ['npm', { 'default-days': 14 }],
      ['github-actions', { 'default-days': 14 }],
    ])
  }, 300_000)
})

describe('CODEOWNERS', () => {
  it('names places that are there, and among them what is shipped', () => {
    const places = read('.github/CODEOWNERS')
      .split('\n')
      .filter((line) => line.startsWith('/'))
      .map((line) => line.split(/\s+/)[0] ?? '')
    expect(places).toEqual(
      expect.arrayContaining(['/.github/', '/actions/', '/action.yml', '/dist/']),
    )
    expect(places.filter((place) => !existsSync(join(ROOT, place)))).toEqual([])
  })
})

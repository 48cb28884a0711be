import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { loadConfig } from '../../src/config/load.ts'
import { BUNDLE, runBundle, type BundleRun } from '../support/bundle.ts'
import { endWithTests, until } from '../support/ends-with-tests.ts'
import { httpServer, type HttpTestServer, type Reply } from '../support/http-server.ts'

// The bundle as a process in a fresh clone, against two servers that answer as ZenML does.

const KEY = 'ZENKEY_c2VjcmV0LW9mLXN0YWdpbmc'
const CONFIG = 'zenml-upgrade.yml'
const REF = 'c'.repeat(40)
const SNAPSHOTS = join(import.meta.dirname, ...['..', 'fixtures', 'snapshots', 'zenml-0.94.1.json'])
const WORKFLOW = '.github/workflows/zenml-upgrade.yml'
const ALL = [
  CONFIG,
  WORKFLOW,
  'tests/smoke/test_zenml.py',
  'tests/smoke/requirements.txt',
  '.gitignore',
]

let repository: string
let staging: HttpTestServer
let production: HttpTestServer
/** Answers that replace those of a healthy server, by path. */
let answers: Record<string, Reply>

const page = (...items: unknown[]): Reply => ({
  json: { index: 1, max_size: 100, total_pages: 1, total: items.length, items },
})

function zenml(id: string, version: string): (request: { path: string }) => Reply {
  return ({ path }) =>
    answers[path] ??
    {
      '/api/v1/info': {
        json: { id, version, active: true, deployment_type: 'kubernetes', database_type: 'mysql' },
      },
      '/api/v1/login': {
        json: { access_token: `token-${id}`, token_type: 'bearer', expires_in: 3600 },
      },
      '/api/v1/projects': page({ id: 'p1', name: 'default' }),
      '/api/v1/stacks': page({ id: 's1', name: `${id}-k8s` }),
      '/api/v1/pipeline_snapshots': page(),
      '/api/v1/schedules': page(),
    }[path] ?? { status: 404, json: { detail: 'Not Found' } }
}

beforeEach(async () => {
  answers = {}
  repository = await mkdtemp(join(tmpdir(), 'init-'))
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', repository])
  staging = await httpServer(zenml('staging', '0.98.0'))
  production = await httpServer(zenml('prod', '0.94.1'))
})
afterEach(async () => {
  await Promise.all([staging.close(), production.close()])
  await rm(repository, { recursive: true })
})

function init(
  args: readonly string[] = [],
  env: Record<string, string> = { ZENML_STORE_API_KEY: KEY },
): Promise<BundleRun> {
  return runBundle(
    [
      'init',
      '--staging-server',
      staging.url,
      '--production-server',
      production.url,
      '--deploy',
      'command',
      '--ref',
      REF,
      ...(args.includes('--own-workflows') ? [] : ['--own-workflows', 'false']),
      ...args,
    ],
    { cwd: repository, env },
  )
}

/**
 * Files of the repository; git's own and the report of a command that was given no place for it are
 * none.
 */
async function filesIn(): Promise<string[]> {
  const entries = await readdir(repository, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)))
    .filter((path) => !/^(\.git|zenml-upgrade-report)\//.test(path))
    .sort()
}

describe('init', () => {
  it('writes every file once, and what is there already stays as it is', async () => {
    const first = await init()
    expect(first.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'initialised' })
    expect(await filesIn()).toEqual([...ALL].sort())
    expect(await loadConfig(join(repository, CONFIG))).toMatchObject({
      zenml: '0.98.0',
      environments: { staging: { server: staging.url } },
    })
    expect(await readFile(join(repository, CONFIG), 'utf8')).toContain('#   prod-k8s: staging-k8s')
    expect(first.result).toMatchObject({
      command: 'init',
      environment: null,
      details: {
        'staging-version': '0.98.0',
        'production-version': '0.94.1',
        files: ALL.map((path) => ({
          path,
          action: path === '.gitignore' ? 'appended' : 'written',
        })),
      },
    })

    for (const path of ALL.slice(0, 4)) await writeFile(join(repository, path), `mine: ${path}\n`)
    const ignored = await readFile(join(repository, '.gitignore'), 'utf8')
    const second = await init()
    expect(second.outputs).toMatchObject({ outcome: 'noop', 'reason-code': 'nothing-to-write' })
    expect(second.exitCode).toBe(0)
    for (const path of ALL.slice(0, 4))
      expect(await readFile(join(repository, path), 'utf8')).toBe(`mine: ${path}\n`)
    expect(await readFile(join(repository, '.gitignore'), 'utf8')).toBe(ignored)
  }, 60_000)

  it('names the lines that are still to be completed, also when nothing is written', async () => {
    const marked = (text: string) =>
      text
        .split('\n')
        .flatMap((line, index) => (line.includes('# change:') ? [`${CONFIG}:${index + 1}`] : []))
        .join(', ')
    expect((await init()).log).toContain(marked(await readFile(join(repository, CONFIG), 'utf8')))

    const half = (await readFile(join(repository, CONFIG), 'utf8')).replace(
      / # change: brings.*/g,
      '',
    )
    await writeFile(join(repository, CONFIG), half)
    const second = await init()
    expect(second.outputs['reason-code']).toBe('nothing-to-write')
    expect(second.log).toContain(`1. Complete what is marked "# change": ${marked(half)}`)

    await writeFile(join(repository, CONFIG), half.replace(/ # change: .*/g, ''))
    expect((await init()).log).not.toContain('# change')
  }, 60_000)

  it('writes what is missing beside what is there, and says which is which', async () => {
    await mkdir(join(repository, '.github', 'workflows'), { recursive: true })
    await writeFile(join(repository, WORKFLOW), 'mine')
    await writeFile(join(repository, '.gitignore'), 'venv')
    const run = await init()
    expect(run.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'initialised' })
    expect(run.log).toContain(`${WORKFLOW}: is there already; left as it is`)
    expect(run.log).toContain('.gitignore: lines appended')
    expect(await readFile(join(repository, WORKFLOW), 'utf8')).toBe('mine')
    expect(await readFile(join(repository, '.gitignore'), 'utf8')).toBe(
      'venv\n.zenml-upgrade/\nzenml-upgrade-report/\n',
    )
    expect(await filesIn()).toEqual([...ALL].sort())
  }, 60_000)

  it('prints what it would write with dry-run, and writes nothing', async () => {
    const run = await init(['--dry-run'])
    expect(run.outputs).toMatchObject({ outcome: 'noop', 'reason-code': 'dry-run' })
    for (const part of [
      `--- ${CONFIG}\n# yaml-language-server`,
      `--- ${WORKFLOW}\n`,
      'def test_simple_pipeline',
      'def test_artifact_loading',
      '--- .gitignore (appended)\n.zenml-upgrade/',
    ])
      expect(run.log).toContain(part)
    expect(await filesIn()).toEqual([])
  }, 60_000)

  it('asks the servers with the key of each, and shows no key', async () => {
    const run = await init([], { ZENML_STAGING_API_KEY: KEY, ZENML_PRODUCTION_API_KEY: `${KEY}2` })
    expect(run.outputs['reason-code']).toBe('initialised')
    const keys = [staging, production].map(({ seen }) =>
      seen
        .filter(({ path }) => path === '/api/v1/login')
        .map(({ body }) => new URLSearchParams(body).get('password')),
    )
    expect(keys).toEqual([[KEY], [`${KEY}2`]])
    expect(run.log + JSON.stringify(run.result)).not.toContain(KEY)
  }, 60_000)

  it('asks only who they are without a key, and says what was not looked at', async () => {
    const run = await init([], {})
    expect(run.outputs['reason-code']).toBe('initialised')
    expect([...staging.seen, ...production.seen].map(({ path }) => path)).toEqual([
      '/api/v1/info',
      '/api/v1/info',
    ])
    expect(run.log).toContain(
      'production: its stacks, snapshots and schedules were not looked at, because there is no key: set ZENML_PRODUCTION_API_KEY.',
    )
  }, 60_000)

  it('knows a workspace of ZenML Pro, and asks for the key of its control plane', async () => {
    answers = {
      '/api/v1/info': {
        json: {
          id: 'w1',
          version: '0.98.0',
          active: true,
          deployment_type: 'cloud',
          database_type: 'mysql',
          pro_workspace_name: 'acme-ml',
        },
      },
    }
    const run = await init([], {})
    expect(run.log).toContain('staging: ZenML 0.98.0, workspace acme-ml of ZenML Pro')
    expect(run.log).not.toContain('ZENML_PRO_API_KEY')
    expect((await loadConfig(join(repository, CONFIG))).environments.staging.backup).toBeUndefined()
  }, 60_000)

  it('says what a key may not see', async () => {
    answers = {
      '/api/v1/schedules': { status: 403, json: { detail: ['IllegalOperationError', 'no'] } },
    }
    const run = await init()
    expect(run.outputs['reason-code']).toBe('initialised')
    expect(run.log).toContain('staging: the key may not see schedules')
  }, 60_000)
})

describe('the form of the workflow', () => {
  const plan = '.github/workflows/zenml-upgrade-plan.yml'
  const textOf = (path: string) => readFile(join(repository, path), 'utf8')
  const own = (...args: string[]) => init(['--own-workflows', ...args])

  it('is the own copy for servers in a private network, which init sees and says', async () => {
    const run = await runBundle(
      [
        'init',
        '--staging-server',
        staging.url,
        '--production-server',
        production.url,
        '--deploy',
        'command',
        '--ref',
        REF,
      ],
      { cwd: repository, env: {} },
    )
    expect(run.log).toMatch(
      /Form of the workflow: own-copy, because 127\.0\.0\.1 \(staging\) and 127\.0\.0\.1 \(production\) are in a private network/,
    )
    expect(run.result).toMatchObject({ details: { form: 'own-copy' } })
    expect(await filesIn()).toContain(plan)
    expect(await textOf(WORKFLOW)).toContain('uses: $/.github/workflows/zenml-upgrade-front.yml\n')
    expect(run.log).toContain('gh secret set ZENML_STAGING_API_KEY --env zenml-staging')
  }, 60_000)

  it('is the called one on request, at the commit that was given, with what it costs', async () => {
    const run = await init()
    expect(await textOf(WORKFLOW)).toMatch(
      new RegExp(`uses: \\S+/\\.github/workflows/zenml-upgrade\\.yml@${REF} # v\\d`),
    )
    expect(run.log).toMatch(
      /called, because own-workflows is false\. .*anyone who may push a branch/,
    )
    expect(await filesIn()).not.toContain(plan)
  }, 60_000)

  it('is that of composites where origin is on another GitHub server', async () => {
    execFileSync('git', [
      '-C',
      repository,
      'remote',
      'add',
      'origin',
      'https://github.acme.com/a/b',
    ])
    const run = await init()
    expect(run.result).toMatchObject({
      details: {
        form: 'composites',
        'form-reason': expect.stringContaining('github.acme.com') as unknown,
      },
    })
    expect(await textOf(WORKFLOW)).toContain(`/actions/upgrade-workspace@${REF} # v`)
  }, 60_000)

  it('has the branches and the file of the repository', async () => {
    await init(['--head', 'develop', '--base', 'master', '--config', 'deploy/zenml.yaml'])
    expect(await textOf(WORKFLOW)).toContain(
      '    with: { head: develop, base: master, config: deploy/zenml.yaml }\n',
    )
    expect(await loadConfig(join(repository, 'deploy', 'zenml.yaml'))).toMatchObject({
      zenml: '0.98.0',
    })
  }, 60_000)

  it('writes own copies again when the actions have a new commit, and shows the difference', async () => {
    await own('true')
    const before = await textOf(plan)
    const again = await own('true')
    expect(again.outputs['reason-code']).toBe('nothing-to-write')
    expect(await textOf(plan)).toBe(before)

    const newer = ['--ref', 'd'.repeat(40)]
    // The file says where the servers are, and the copies which form it is.
    const raised = (...args: string[]) => runBundle(['init', ...args], { cwd: repository, env: {} })
    const planned = await raised(...newer, '--dry-run')
    expect(planned.outputs['reason-code']).toBe('dry-run')
    expect(planned.log).toMatch(/^ +\+ +uses: \S+@d{40} # v/m)
    expect(await textOf(plan)).toBe(before)

    const run = await raised(...newer)
    expect(run.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'initialised' })
    expect(run.log).toContain(`${plan}: written again`)
    expect(run.log).toMatch(/^ +- +uses: \S+@c{40} # v/m)
    expect(await textOf(plan)).toBe(before.replaceAll(REF, 'd'.repeat(40)))
  }, 90_000)

  it('leaves an own copy alone that a person edited, and says what to do', async () => {
    await own('true')
    const mine = (await textOf(plan)).replace('timeout-minutes: 15', 'timeout-minutes: 60')
    await writeFile(join(repository, plan), mine)
    const run = await own('true')
    expect(run.outputs['reason-code']).toBe('nothing-to-write')
    expect(await textOf(plan)).toBe(mine)
    expect(run.log).toMatch(/^ +- +timeout-minutes: 60\n +\+ +timeout-minutes: 15$/m)
    expect(run.log).toContain(`${plan} was edited after init wrote it, so it was left as it is`)
    expect(run.result).toMatchObject({
      details: { files: expect.arrayContaining([{ path: plan, action: 'kept' }]) as unknown },
    })
  }, 60_000)

  it('says how a file that calls our workflows comes to use the copies', async () => {
    await init()
    const run = await own('true')
    expect(await filesIn()).toContain(plan)
    expect(run.log).toContain(
      `Use the copies: in ${WORKFLOW}, let the job use $/.github/workflows/zenml-upgrade-front.yml`,
    )
  }, 60_000)

  it('warns in every command while the own copies are of another version than the actions', async () => {
    const run = await init([], { ZENML_UPGRADE_WORKFLOWS: 'v0.0.1' })
    expect(run.log).toMatch(
      /are of zenml-upgrade v0\.0\.1, and their actions of v\d\S+ Run init --own-workflows true/,
    )
  }, 60_000)
})

/** Gives both servers a named snapshot, as ZenML 0.94.1 answers it, of the module `pipelines.training`. */
async function snapshots(subdirectory: string | null = null): Promise<void> {
  const [recorded] = JSON.parse(await readFile(SNAPSHOTS, 'utf8')) as {
    metadata: Record<string, unknown>
    resources: Record<string, unknown>
  }[]
  if (recorded === undefined) throw new Error('the fixture is empty')
  recorded.metadata['pipeline_spec'] = {
    source: { module: 'pipelines.training', attribute: 'training', type: 'user' },
  }
  recorded.resources['code_reference'] = subdirectory && {
    id: 'c1',
    body: { commit: 'a'.repeat(40), subdirectory, code_repository: { id: 'r1' } },
  }
  answers['/api/v1/code_repositories'] = page({
    id: 'r1',
    name: 'ml',
    metadata: { config: { owner: 'acme', repository: 'ml', host: 'github.com' } },
  })
  recorded.resources['build'] = null
  answers['/api/v1/pipeline_snapshots'] = page(recorded)
  answers['/api/v1/pipeline_builds'] = page()
}

async function teams(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(repository, name, 'pipelines'), { recursive: true })
    await writeFile(join(repository, name, 'pipelines', 'training.py'), '')
  }
}

describe('a module that several folders have', () => {
  it('is left open where nobody can answer, as a task with the folders', async () => {
    await snapshots()
    await teams('team-a', 'team-b')
    const run = await init()
    expect(run.outputs).toMatchObject({ outcome: 'success' })
    expect(await loadConfig(join(repository, CONFIG))).toMatchObject({
      sources: [{ name: 'default', path: '.', snapshots: [] }],
    })
    expect(run.log).toContain('Choose the source of default/churn in zenml-upgrade.yml')
    expect(run.log).toContain('the module pipelines.training is in team-a, team-b.')
    expect(await filesIn()).toContain('tests/smoke/test_zenml.py')
  }, 60_000)

  it('is in the folder that the code reference of the snapshot names', async () => {
    execFileSync('git', [
      ...['-C', repository, 'remote', 'add', 'origin', 'https://github.com/acme/ml.git'],
    ])
    await snapshots('team-b')
    await teams('team-a', 'team-b')
    await writeFile(join(repository, 'team-b', 'poetry.lock'), '')
    const run = await init()
    expect(await loadConfig(join(repository, CONFIG))).toMatchObject({
      sources: [
        {
          name: 'default',
          path: 'team-b',
          install: { requirements: ['poetry.lock', 'tests/smoke/requirements.txt'] },
        },
      ],
    })
    expect(run.log).not.toContain('Choose the source')
  }, 60_000)
})

describe('nothing is written', () => {
  const missing = (args: readonly string[]) =>
    runBundle(['init', ...args], { cwd: repository, env: {} })

  it.each([
    [
      'without the commit of the actions, while there is no release',
      [],
      /input ref is missing.*no release yet/,
    ],
    ['for a commit that is none', ['--ref', 'v1'], /input ref is "v1"; it must be a commit of 40/],
    [
      'for a branch whose name has a meaning in YAML',
      ['--head', "a'b"],
      /input head is "a'b"; it must be the name/,
    ],
    [
      'for a file outside of the repository',
      ['--config', '../a.yml'],
      /input config is "\.\.\/a\.yml"/,
    ],
  ])(
    '%s',
    async (_what, args, message) => {
      const run = await missing([
        '--staging-server',
        staging.url,
        '--production-server',
        production.url,
        '--deploy',
        'command',
        ...args,
      ])
      expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'invalid-input' })
      expect(run.log).toMatch(message)
      expect(staging.seen).toEqual([])
      expect(await filesIn()).toEqual([])
    },
    60_000,
  )

  it('where inputs are missing and nobody can be asked: all are named at once', async () => {
    const run = await missing([])
    expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'invalid-input' })
    expect(run.exitCode).toBe(2)
    for (const input of ['staging-server', 'production-server', 'deploy'])
      expect(run.log).toContain(`input ${input} is missing`)
    expect(await filesIn()).toEqual([])
  }, 60_000)

  it.each([
    [
      'an address that is none',
      [
        '--staging-server',
        'zenml.example.com',
        '--production-server',
        'https://u:pa55word@p.example.com',
        '--deploy',
        'command',
      ],
      /zenml\.example\.com.*is not the address.*\n.*holds a user name or password/,
    ],
    [
      'a driver that is none',
      ['--staging-server', 'https://s', '--production-server', 'https://p', '--deploy', 'hlem'],
      /input deploy is "hlem"; allowed: command/,
    ],
    [
      'a key as a flag',
      ['--staging-api-key', KEY],
      /--staging-api-key is refused.*ZENML_STAGING_API_KEY/,
    ],
  ])(
    'for %s',
    async (_what, args, message) => {
      const run = await missing(args)
      expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'invalid-input' })
      expect(run.log).toMatch(message)
      expect(run.log).not.toMatch(/pa55word|c2VjcmV0/)
      expect(await filesIn()).toEqual([])
    },
    60_000,
  )

  it('for a server that cannot be reached', async () => {
    const run = await missing([
      '--staging-server',
      staging.url,
      '--production-server',
      'http://127.0.0.1:9',
      '--deploy',
      'command',
      '--ref',
      REF,
    ])
    expect(run.outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'server-unreachable',
    })
    expect(run.exitCode).toBe(4)
    expect(await filesIn()).toEqual([])
  }, 60_000)

  it.each<[string, Record<string, Reply>, string]>([
    [
      'a refused key',
      {
        '/api/v1/login': {
          status: 401,
          json: { detail: ['CredentialsNotValid', 'Authentication error'] },
        },
      },
      'credentials-refused',
    ],
    [
      'the address of a dashboard',
      { '/api/v1/info': { text: '<!doctype html><title>ZenML Dashboard</title>' } },
      'not-a-zenml-server',
    ],
    [
      'a version that is none',
      { '/api/v1/info': { json: { id: 'x', version: 'latest' } } },
      'unexpected-answer',
    ],
  ])(
    'for %s',
    async (_what, replies, code) => {
      answers = replies
      const run = await init()
      expect(run.outputs).toMatchObject({ outcome: 'inconclusive', 'reason-code': code })
      expect(run.exitCode).toBe(4)
      expect(run.log).not.toContain(KEY)
      expect(await filesIn()).toEqual([])
    },
    60_000,
  )

  it.each([
    [
      'its own',
      { ZENML_STAGING_API_KEY: KEY, ZENML_STORE_API_KEY: `${KEY}2` },
      'ZENML_STAGING_API_KEY',
    ],
    ['that of both', { ZENML_STORE_API_KEY: KEY }, 'ZENML_STORE_API_KEY'],
  ])(
    'for a refused key, whose variable is named: %s',
    async (_what, env, variable) => {
      answers = {
        '/api/v1/login': {
          status: 401,
          json: { detail: ['CredentialsNotValid', 'Authentication error'] },
        },
      }
      expect((await init([], env)).result?.next).toMatch(new RegExp(`give it as ${variable}\\.$`))
      answers = {
        '/api/v1/stacks': {
          status: 401,
          json: { detail: ['CredentialsNotValid', 'Authentication error'] },
        },
      }
      expect((await init([], env)).result?.next).toMatch(new RegExp(`^Check ${variable}:`))
    },
    60_000,
  )

  it('outside of a clone', async () => {
    await rm(join(repository, '.git'), { recursive: true })
    const run = await init()
    expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'invalid-input' })
    expect(staging.seen).toEqual([])
    expect(await filesIn()).toEqual([])
  }, 60_000)

  it('over a file that stands where a folder is needed', async () => {
    await writeFile(join(repository, '.github'), 'mine')
    const run = await init()
    expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'invalid-input' })
    expect(run.log).toContain(`${WORKFLOW} cannot be written`)
    expect(await readFile(join(repository, '.github'), 'utf8')).toBe('mine')
  }, 60_000)
})

describe('in a terminal', () => {
  /**
   * Runs init in a terminal of its own, gives each answer when its question stands there, and
   * returns what was shown.
   */
  async function converse(
    args: readonly string[],
    exchange: readonly (readonly [question: string, answer: string])[],
  ): Promise<{ shown: string; exitCode: number | null }> {
    const command = [process.execPath, BUNDLE, 'init', ...args].map((word) => `'${word}'`).join(' ')
    const env = {
      PATH: process.env['PATH'],
      HOME: repository,
      ZENML_STORE_API_KEY: KEY,
      NO_COLOR: '1',
      NO_PROXY: '127.0.0.1',
      TERM: 'dumb',
    }
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: repository,
      env,
    })
    endWithTests(child)
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
    })
    const closed = once(child, 'close') as Promise<[number | null]>
    for (const [question, answer] of exchange) {
      const from = shown.length
      const asked = () => shown.slice(from).includes(question) || shown.endsWith(`${question} `)
      await until(asked, closed).catch((cause: unknown) => {
        throw new Error(`it ended before it asked "${question}":\n${shown}`, { cause })
      })
      child.stdin.write(answer)
    }
    const [exitCode] = await closed
    return { shown, exitCode }
  }

  it('asks for what is missing, again where the answer is wrong', async () => {
    const { shown, exitCode } = await converse(
      ['--staging-server', staging.url, '--ref', REF],
      [
        ['Address of the production server:', 'nonsense\r'],
        ['is not the address', `${production.url}\r`],
        ['How are they deployed?', 'gitops\r'],
        ['Write our workflows into this repository', 'maybe\r'],
        ['Answer yes or no.', 'no\r'],
      ],
    )
    expect(shown).not.toContain('Address of the staging server')
    expect(exitCode).toBe(0)
    expect(shown).toContain('Form of the workflow: called, because you chose it')
    expect(await loadConfig(join(repository, CONFIG))).toMatchObject({
      environments: {
        production: { server: production.url, deploy: { gitops: { tool: 'argocd' } } },
      },
    })
  }, 60_000)

  it('asks where the code of a pipeline is that several folders may have', async () => {
    await snapshots()
    await teams('team-a', 'team-b')
    const { shown, exitCode } = await converse(
      [
        ...['--staging-server', staging.url, '--production-server', production.url],
        ...['--ref', REF, '--deploy', 'command', '--own-workflows', 'false'],
      ],
      [
        ['decide later, in the file)', '3\r'],
        ['A number from 1 to 2', '2\r'],
      ],
    )
    expect([
      exitCode,
      shown.replace(/\s+/g, ' ').includes('is in several folders: 1 team-a, 2 team-b.'),
    ]).toEqual([0, true])
    expect((await loadConfig(join(repository, CONFIG))).sources).toMatchObject([
      { name: 'default', path: 'team-b' },
    ])
  }, 60_000)

  it('ends as cancelled with Ctrl-C, and as invalid with Ctrl-D', async () => {
    const question = 'Address of the staging server:'
    expect(await converse([], [[question, '\u0003']])).toMatchObject({
      exitCode: 130,
      shown: expect.stringContaining('cancelled') as unknown,
    })
    expect(await converse([], [[question, '\u0004']])).toMatchObject({
      exitCode: 2,
      shown: expect.stringContaining('input staging-server is missing') as unknown,
    })
    expect(await filesIn()).toEqual([])
  }, 60_000)
})

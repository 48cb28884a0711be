import { describe, expect, it } from '@jest/globals'
import { answersOf } from '../../../src/init/answers.ts'
import { configText } from '../../../src/init/config-text.ts'
import { newFiles } from '../../../src/init/files.ts'
import { missingIgnores } from '../../../src/init/ignore-text.ts'
import { codeSentences, serverSentence, warnings } from '../../../src/init/messages.ts'
import { ruleset } from '../../../src/init/ruleset.ts'
import { toDo } from '../../../src/init/to-do.ts'
import { violationsOf } from '../../support/github-openapi.ts'
import { facts, server, setup, snapshot } from './facts.ts'

const TOOL = { repository: 'acme/zenml-upgrade', version: '1.2.0' }

describe('the files', () => {
  it('lie in the source root where that is a folder', () => {
    const given = facts({
      files: ['ml/churn.py'],
      production: server('production', { snapshots: [snapshot('a', 'churn')] }),
    })
    expect(newFiles(given, TOOL).map(({ path }) => path)).toEqual([
      'zenml-upgrade.yml',
      '.github/workflows/zenml-upgrade.yml',
      'ml/tests/smoke/test_zenml.py',
      'ml/tests/smoke/requirements.txt',
    ])
  })

  it('have our workflows among them only in the form of the own copy', () => {
    const paths = (form: 'own-copy' | 'composites') =>
      newFiles(facts({ setup: setup({ form, config: 'deploy/zenml.yaml' }) }), TOOL)
        .filter(({ path }) => !path.startsWith('tests/'))
        .map(({ path, generated }) => [path, generated])
    const own = [
      ['deploy/zenml.yaml', undefined],
      ['.github/workflows/zenml-upgrade.yml', undefined],
    ]
    expect(paths('composites')).toEqual(own)
    expect(paths('own-copy')).toEqual([
      ...own,
      ...['front', 'plan', 'staging', 'gate', 'production'].map((name) => [
        `.github/workflows/zenml-upgrade-${name}.yml`,
        true,
      ]),
    ])
  })
})

describe('.gitignore', () => {
  it.each([
    ['', '.zenml-upgrade/\nzenml-upgrade-report/\n'],
    ['node_modules', '\n.zenml-upgrade/\nzenml-upgrade-report/\n'],
    ['/.zenml-upgrade\r\n', 'zenml-upgrade-report/\n'],
    ['# .zenml-upgrade/\n', '.zenml-upgrade/\nzenml-upgrade-report/\n'],
    ['zenml-upgrade-report/\n.zenml-upgrade\n', ''],
  ])('%j lacks %j', (text, missing) => {
    expect(missingIgnores(text)).toBe(missing)
  })
})

describe('what is left', () => {
  const config = newFiles(facts(), TOOL)[0]

  it('names each line that is to be completed', () => {
    const lines = config.text
      .split('\n')
      .flatMap((line, index) => (line.includes('# change') ? [index + 1] : []))
    expect(lines.length).toBe(8)
    expect(toDo(facts(), { config })[0]).toBe(
      `Complete what is marked "# change": ${lines.map((line) => `zenml-upgrade.yml:${line}`).join(', ')}`,
    )
    expect(toDo(facts(), {}).join('\n')).not.toContain('# change')
  })

  it('takes only what init marked, and says nothing when all of it is done', () => {
    const own = {
      path: 'zenml-upgrade.yml',
      text: 'zenml: 0.98.0 # changed by Renovate\n# change this on Mondays\n',
    }
    expect(toDo(facts(), { config: own })).toEqual(toDo(facts(), {}))
    expect(
      toDo(facts(), {
        config: { ...own, text: `${own.text}  port: 1 # change: the port\n` },
      })[0],
    ).toBe('Complete what is marked "# change": zenml-upgrade.yml:3')
  })

  it('names the branches that are missing', () => {
    expect(
      toDo(facts({ branches: ['master', 'staging'] }), {}).filter((task) =>
        task.includes('no branch'),
      ),
    ).toEqual([
      'There is no branch main. Make it, and the default branch: git push origin HEAD:refs/heads/main',
    ])
  })

  it('names the secrets that the servers need, of the repository in the called form, and the setting', () => {
    const tasks = toDo(
      facts({
        staging: server('staging', { database: 'sqlite' }),
        production: server('production', { workspace: 'prod' }),
      }),
      {},
    ).join('\n')
    for (const part of [
      'gh secret set ZENML_STAGING_API_KEY',
      'gh secret set ZENML_PRODUCTION_API_KEY',
      'zenml-production-approval, for the branch main only',
      'run init --own-workflows true for that',
      'Approve workflows to run',
      'Allow GitHub Actions to create and approve pull requests',
      'zenml-upgrade/promotion',
    ])
      expect(tasks).toContain(part)
    expect(tasks).not.toMatch(/DATABASE_URL|ZENML_PRO_API_KEY|--env|ZENML_STORE_API_KEY/)
    expect(toDo(facts(), {}).join('\n')).toContain('gh secret set ZENML_STAGING_DATABASE_URL')
  })

  it.each(['own-copy', 'composites'] as const)(
    'names the environments with their secrets in the form %s, and the branches of this repository',
    (form) => {
      const tasks = toDo(
        facts({ setup: setup({ form, head: 'develop', base: 'master' }), branches: [] }),
        {},
      ).join('\n')
      for (const part of [
        'environments/zenml-staging',
        'environments/zenml-production',
        'gh secret set ZENML_STAGING_API_KEY --env zenml-staging',
        'gh secret set ZENML_PRODUCTION_API_KEY --env zenml-production',
        'the branches develop and master use the environment zenml-staging, and only master zenml-production',
        'Protect master',
        'There is no branch develop. Make it:',
        'There is no branch master. Make it, and the default branch:',
      ])
        expect(tasks).toContain(part)
      expect(tasks.includes('Give zenml-production none')).toBe(form === 'own-copy')
    },
  )

  it('says how a workflow that calls ours becomes one that uses the copies', () => {
    const given = facts({ setup: setup({ form: 'own-copy' }) })
    const [, called] = newFiles(facts(), TOOL)
    const [, copies] = newFiles(given, TOOL)
    const line =
      'Use the copies: in .github/workflows/zenml-upgrade.yml, let the job use $/.github/workflows/zenml-upgrade-front.yml'
    expect(toDo(given, { workflow: called })).toContain(line)
    expect(toDo(given, { workflow: copies })).not.toContain(line)
  })

  it('lets only GitHub Actions say that production may follow', () => {
    expect(JSON.stringify(ruleset({ base: 'main', config: 'zenml-upgrade.yml' }))).toContain(
      '{"context":"zenml-upgrade/promotion","integration_id":15368}',
    )
  })

  it.each([
    [
      'POST',
      '/repos/{owner}/{repo}/rulesets',
      {},
      ruleset({ base: 'master', config: 'zenml-upgrade.yml' }),
    ],
    [
      'PUT',
      '/repos/{owner}/{repo}/actions/permissions/workflow',
      {},
      { can_approve_pull_request_reviews: true },
    ],
    [
      'PUT',
      '/repos/{owner}/{repo}/environments/{environment_name}',
      { environment_name: 'zenml-staging' },
      undefined,
    ],
  ] as const)('%s %s is a request that GitHub describes', (method, route, more, body) => {
    expect(
      violationsOf({
        method,
        route,
        path: route,
        params: { owner: 'acme', repo: 'ml', ...more },
        query: {},
        body,
        status: 200,
        answer: null,
        injected: true,
      } as unknown as Parameters<typeof violationsOf>[0]),
    ).toEqual([])
  })
})

describe('code that several folders may have', () => {
  const given = facts({
    files: ['a/train.py', 'b/train.py'],
    production: server('production', { snapshots: [snapshot('nightly', 'train')] }),
  })
  const task =
    'Choose the source of default/churn in zenml-upgrade.yml, for nightly: the module train is in a, b. Until then it is not rebuilt, and the command fails for it'

  it('is a task with the folders while the file leaves it open', () => {
    const config = { path: 'zenml-upgrade.yml', text: configText(given, 'acme/zenml-upgrade') }
    const [marked, choice] = toDo(given, { config })
    expect(marked).toMatch(/Complete what is marked "# change": .*zenml-upgrade\.yml:\d+$/)
    expect(choice).toBe(task)
    const decided = { ...config, text: 'zenml: 0.98.0\n' }
    expect(toDo(given, { config: decided })).not.toContain(task)
  })

  it('is named with its folders, and as something to know', () => {
    expect(codeSentences(given)).toEqual([
      'default/churn/nightly: module train, in several folders: a, b',
    ])
    expect(warnings(given)).toContain(
      'Several folders of this repository have the modules of default/churn, and none was chosen: see what is left for you.',
    )
  })
})

describe('what is told', () => {
  it('counts what was seen and leaves out what was not', () => {
    expect(
      serverSentence(
        server('staging', { stacks: ['a', 'b'], snapshots: [snapshot('a', 'b')], schedules: null }),
      ),
    ).toBe('staging: ZenML 0.98.0; 2 stacks and 1 named snapshot')
    expect(
      serverSentence(
        server('production', { workspace: 'prod', stacks: null, snapshots: null, schedules: null }),
      ),
    ).toBe('production: ZenML 0.98.0, workspace prod of ZenML Pro')
  })

  it('says of each snapshot where its code is', () => {
    const given = facts({
      production: server('production', {
        snapshots: [snapshot('a', 'pipelines'), snapshot('b', 'gone'), snapshot('c', null)],
      }),
    })
    expect(codeSentences(given)).toEqual([
      'default/churn/a: module pipelines, in this repository',
      'default/churn/b: module gone, not found in this repository',
      'default/churn/c: its pipeline was defined in a notebook',
    ])
  })

  it('warns of nothing when all is well, and of each thing that is not', () => {
    expect(warnings(facts())).toEqual([])
    const told = warnings(
      facts({
        staging: server('staging', {
          id: 'x',
          version: '0.94.1',
          stacks: [],
          notLooked: 'staging: not seen.',
        }),
        production: server('production', {
          id: 'x',
          stacks: ['gpu'],
          snapshots: [snapshot('b', 'gone')],
          schedules: [{ project: 'p', name: 'nightly', active: true }],
        }),
      }),
    )
    expect(told).toEqual([
      'staging: not seen.',
      expect.stringContaining('same id'),
      expect.stringContaining('The versions differ'),
      expect.stringContaining('gpu'),
      expect.stringContaining('default/churn/b'),
      expect.stringMatching(/not recreated yet.*p\/nightly/),
    ])
  })
})

describe('the answers', () => {
  const complete = {
    'staging-server': 'https://s.example.com/api/v1',
    'production-server': 'https://p.example.com/',
    deploy: 'command',
  }

  it('are the inputs with normal addresses; nobody is asked then', async () => {
    expect(
      await answersOf(complete, {}, () => {
        throw new Error('asked')
      }),
    ).toEqual({
      'staging-server': 'https://s.example.com',
      'production-server': 'https://p.example.com',
      deploy: 'command',
    })
  })

  it('are asked for only where they are missing', async () => {
    let asked: string[] = []
    const answers = await answersOf({ ...complete, deploy: undefined }, {}, (questions) => {
      asked = questions.map(({ name }) => name)
      return Promise.resolve({ deploy: 'helm' })
    })
    expect([asked, answers.deploy]).toEqual([['deploy'], 'helm'])
  })

  it('come from the file that is there where no input replaces them; a person is not asked then', async () => {
    const given = { 'staging-server': undefined, 'production-server': undefined, deploy: 'gitops' }
    expect(
      await answersOf(given, complete, () => {
        throw new Error('asked')
      }),
    ).toMatchObject({ 'staging-server': 'https://s.example.com', deploy: 'gitops' })
  })

  it('are named all at once where nobody can answer, with what is wrong', async () => {
    await expect(
      answersOf(
        { 'staging-server': 'ftp://x', 'production-server': undefined, deploy: undefined },
        {},
        undefined,
      ),
    ).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(
        /ftp:\/\/x.*\n.*production-server is missing\n.*deploy is missing; allowed: command/,
      ) as unknown,
    })
  })

  it('go together: only a server of this machine is deployed by local', async () => {
    const local = (staging: string, production: string) =>
      answersOf(
        { 'staging-server': staging, 'production-server': production, deploy: 'local' },
        {},
        undefined,
      )
    expect(await local('http://127.0.0.1:8237', 'http://localhost:8238')).toMatchObject({
      deploy: 'local',
    })
    await expect(local('http://127.0.0.1:8237', 'https://p.example.com')).rejects.toMatchObject({
      code: 'invalid-input',
      message:
        'production has the address https://p.example.com, and deploy local is for a server that this tool starts on 127.0.0.1',
      next: expect.stringContaining('--deploy command') as unknown,
    })
    await expect(
      local('https://s.example.com', 'http://127.0.0.1.example.com'),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^staging has .*\nproduction has /) as unknown,
    })
  })

  it('are two servers', async () => {
    await expect(
      answersOf({ ...complete, 'production-server': 'https://s.example.com' }, {}, undefined),
    ).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'both servers have the address https://s.example.com',
    })
  })
})

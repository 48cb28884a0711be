import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { answersOf } from '../../../src/init/answers.ts'
import { newFiles } from '../../../src/init/files.ts'
import { missingIgnores } from '../../../src/init/ignore-text.ts'
import { codeSentences, serverSentence, warnings } from '../../../src/init/messages.ts'
import { RULESET, toDo } from '../../../src/init/to-do.ts'
import { violationsOf } from '../../support/github-openapi.ts'
import { facts, server, snapshot } from './facts.ts'

const { repository } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'package.json'), 'utf8'),
) as { repository: string }

describe('the files', () => {
  it('lie in the source root where that is a folder', () => {
    const given = facts({
      files: ['ml/churn.py'],
      production: server('production', { snapshots: [snapshot('a', 'churn')] }),
    })
    expect(newFiles(given, repository).map(({ path }) => path)).toEqual([
      'zenml-upgrade.yml',
      '.github/workflows/zenml-upgrade.yml',
      'ml/tests/smoke/test_zenml.py',
      'ml/tests/smoke/requirements.txt',
    ])
  })

  it('hold a workflow of at most forty lines that calls the workflows of this repository', () => {
    const workflow = newFiles(facts(), repository)[1]?.text ?? ''
    expect(workflow).toBe(
      readFileSync(
        join(import.meta.dirname, '..', '..', '..', 'examples', 'workflow', 'zenml-upgrade.yml'),
        'utf8',
      ),
    )
    expect(workflow.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
    const { jobs } = parse(workflow) as { jobs: Record<string, { uses: string }> }
    for (const { uses } of Object.values(jobs))
      expect(uses.startsWith(`${repository}/.github/workflows/`)).toBe(true)
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
  const config = newFiles(facts(), repository)[0]

  it('names each line that is to be completed', () => {
    const lines = config.text
      .split('\n')
      .flatMap((line, index) => (line.includes('# change') ? [index + 1] : []))
    expect(lines.length).toBe(8)
    expect(toDo(facts(), config)[0]).toBe(
      `Complete what is marked "# change": ${lines.map((line) => `zenml-upgrade.yml:${line}`).join(', ')}`,
    )
    expect(toDo(facts(), undefined).join('\n')).not.toContain('# change')
  })

  it('takes only what init marked, and says nothing when all of it is done', () => {
    const own = {
      path: 'zenml-upgrade.yml',
      text: 'zenml: 0.98.0 # changed by Renovate\n# change this on Mondays\n',
    }
    expect(toDo(facts(), own)).toEqual(toDo(facts(), undefined))
    expect(toDo(facts(), { ...own, text: `${own.text}  port: 1 # change: the port\n` })[0]).toBe(
      'Complete what is marked "# change": zenml-upgrade.yml:3',
    )
  })

  it('names the branches that are missing', () => {
    expect(
      toDo(facts({ branches: ['master', 'staging'] }), undefined).filter((task) =>
        task.includes('no branch'),
      ),
    ).toEqual([
      'There is no branch main. Make it, and the default branch: git push origin HEAD:refs/heads/main',
    ])
  })

  it('names both environments with the secrets that their servers need, and the setting', () => {
    const tasks = toDo(
      facts({
        staging: server('staging', { database: 'sqlite' }),
        production: server('production', { workspace: 'prod' }),
      }),
      undefined,
    ).join('\n')
    for (const part of [
      'environments/zenml-staging',
      'environments/zenml-production',
      'ZENML_STORE_API_KEY --env zenml-staging',
      'ZENML_STORE_API_KEY --env zenml-production',
      'Allow GitHub Actions to create and approve pull requests',
      'zenml-upgrade/promotion',
    ])
      expect(tasks).toContain(part)
    expect(tasks).not.toMatch(/DATABASE_URL|ZENML_PRO_API_KEY/)
    expect(toDo(facts(), undefined).join('\n')).toContain('ZENML_DATABASE_URL --env zenml-staging')
  })

  it.each([
    ['POST', '/repos/{owner}/{repo}/rulesets', {}, RULESET],
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
      await answersOf(complete, () => {
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
    const answers = await answersOf({ ...complete, deploy: undefined }, (questions) => {
      asked = questions.map(({ name }) => name)
      return Promise.resolve({ deploy: 'helm' })
    })
    expect([asked, answers.deploy]).toEqual([['deploy'], 'helm'])
  })

  it('are named all at once where nobody can answer, with what is wrong', async () => {
    await expect(
      answersOf(
        { 'staging-server': 'ftp://x', 'production-server': undefined, deploy: undefined },
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
      answersOf({ ...complete, 'production-server': 'https://s.example.com' }, undefined),
    ).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'both servers have the address https://s.example.com',
    })
  })
})

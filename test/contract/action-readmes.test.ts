import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { LAST_RELEASE } from '../../src/core/release.ts'
import { REASONS } from '../../src/core/reasons.ts'
import type { CommandName } from '../../src/inputs/inputs.ts'
import { formatted } from '../support/formatted.ts'
import { mentionedBy, NOT_AN_END, reasonsOf } from '../support/reasons-of.ts'
import { inputsOf, outputsOf, PUBLISHED, replaceBlock, type Action } from '../support/surface.ts'

// The READMEs of the actions say what the code says, and their examples fit. UPDATE_GOLDEN=1 writes
// the tables anew.

interface Job {
  readonly 'runs-on': string
  readonly permissions: Readonly<Record<string, string>>
  readonly steps: readonly {
    readonly uses?: string
    readonly with?: Readonly<Record<string, string>>
  }[]
}

const ROOT = join(import.meta.dirname, '..', '..')
const { repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  repository: string
}
const pathOf = ({ folder }: Action) => join(ROOT, folder, 'README.md')
const textOf = (action: Action) => readFileSync(pathOf(action), 'utf8')

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

function inputTable(action: Action): string {
  return table(
    ['Input', 'Meaning', 'Default'],
    inputsOf(action).map(({ name, description, choices, required, default: standard }) => [
      `\`${name}\``,
      choices === undefined
        ? description
        : `${description} One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`,
      name === 'github-token'
        ? 'the token of the job'
        : required === true
          ? '**required**'
          : standard === undefined
            ? ''
            : `\`${standard}\``,
    ]),
  )
}

function outputTable(action: Action): string {
  return table(
    ['Output', 'Meaning'],
    Object.entries(outputsOf(action)).map(([name, description]) => [`\`${name}\``, description]),
  )
}

function reasonTable({ commands }: Action): string {
  return table(
    ['Reason code', 'Outcome', 'Meaning', 'What to do'],
    commands
      .flatMap(reasonsOf)
      .map((code) => [
        `\`${code}\``,
        REASONS[code].outcome,
        REASONS[code].sentence,
        REASONS[code].next,
      ]),
  )
}

async function asItShouldBe(action: Action): Promise<string> {
  const blocks = {
    inputs: inputTable(action),
    outputs: outputTable(action),
    reasons: reasonTable(action),
  }
  const text = Object.entries(blocks).reduce(
    (before, [name, block]) => replaceBlock(before, name, block),
    textOf(action),
  )
  return formatted(pathOf(action), text)
}

if (process.env['UPDATE_GOLDEN'] === '1')
  for (const action of PUBLISHED) writeFileSync(pathOf(action), await asItShouldBe(action))

describe.each(PUBLISHED.map((action) => [action.folder, action] as const))(
  '%s/README.md',
  (folder, action) => {
    const example = () =>
      parse(/^```yaml\n([\s\S]*?)^```$/m.exec(textOf(action))?.[1] ?? '') as {
        readonly on: unknown
        readonly jobs: Readonly<Record<string, Job>>
      }
    const [job] = Object.values(example().jobs)
    const ours = job?.steps.find(({ uses }) => uses?.startsWith(repository))

    it('has the tables that follow from the code', async () => {
      expect(textOf(action)).toBe(await asItShouldBe(action))
    })

    it('shows a whole job that uses this action', () => {
      expect(example().on).toBeDefined()
      expect(job?.['runs-on']).toMatch(/^ubuntu-/)
      expect(ours?.uses).toBe(`${repository}/${folder}@${LAST_RELEASE.commit}`)
    })

    it('gives its example every required input, and none that does not exist', () => {
      const given = Object.keys(ours?.with ?? {})
      expect(
        inputsOf(action).filter(({ name, required }) => required === true && !given.includes(name)),
      ).toEqual([])
      expect(
        given.filter((name) => !inputsOf(action).some((input) => input.name === name)),
      ).toEqual([])
    })

    it('pins what is not ours in its example', () => {
      for (const [, name] of textOf(action).matchAll(/- uses: (?!zenml-upgrade\/)(.*)$/gm))
        expect(name).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    })

    it('gives a reason for every permission of its example', () => {
      const explained = [
        ...textOf(action).matchAll(/^\| `([a-z-]+: (?:read|write))` +\| .+ \|$/gm),
      ].map(([, permission]) => permission)
      expect(explained).toEqual(
        Object.entries(job?.permissions ?? {}).map(([name, level]) => `${name}: ${level}`),
      )
    })

    it('takes no permission that docs/github.md does not know', () => {
      const known = readFileSync(join(ROOT, 'docs/github.md'), 'utf8')
      for (const name of Object.keys(job?.permissions ?? {}))
        expect(known).toMatch(new RegExp(`^\\| \`${name}: (read|write)\``, 'm'))
    })
  },
)

describe('the reason codes of a command', () => {
  it.each([
    [
      'upgrade-workspace',
      ['rollback-refused', 'locked'],
      ['smoke-failed', 'gate-open', 'snapshots-failed'],
    ],
    [
      'run-smoke-suite',
      ['smoke-cached', 'index-unreachable', 'locked'],
      ['upgraded', 'snapshots-rebuilt', 'hold-label'],
    ],
    ['rebuild-snapshots', ['snapshots-lost', 'invalid-file'], ['planned', 'backup-failed']],
    ['promote', ['staging-moved', 'cancelled', 'internal-error'], ['no-tests', 'rolled-back']],
  ] as const)('%s: those it ends with, not those it only reads', (command, ends, others) => {
    expect(reasonsOf(command)).toEqual(expect.arrayContaining([...ends]))
    expect(
      reasonsOf(command).filter((code) => (others as readonly string[]).includes(code)),
    ).toEqual([])
  })

  it('have no exception that is not needed', () => {
    for (const [command, exceptions] of Object.entries(NOT_AN_END))
      expect(mentionedBy(command as CommandName)).toEqual(
        expect.arrayContaining(Object.keys(exceptions)),
      )
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { isMap, parseDocument, type Pair, type Scalar } from 'yaml'
import { formatted } from '../support/formatted.ts'
import { read, REUSABLE, reusablePath, ROOT, workflow } from '../support/workflow-files.ts'

// docs/workflows.md and the workflows say the same. UPDATE_GOLDEN=1 writes the tables anew.

const PATH = 'docs/workflows.md'
type Name = (typeof REUSABLE)[number]
type Row = readonly string[]

const table = (header: Row, rows: readonly Row[]): string[] =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
const code = (text: string): string => `\`${text}\``

function inputsTable(name: Name): string[] {
  const rows = Object.entries(workflow(reusablePath(name)).on.workflow_call?.inputs ?? {}).map(
    ([input, { type, default: value, required, description }]) => [
      code(input),
      type,
      required === true ? 'required' : value === '' ? '' : code(String(value)),
      description,
    ],
  )
  return table(['input', 'type', 'default', ''], rows)
}

function secretsTable(name: Name): string[] {
  const { on, jobs } = workflow(reusablePath(name))
  const readBy = (secret: string) =>
    Object.entries(jobs)
      .filter(([, job]) => JSON.stringify(job).includes(`secrets.${secret}`))
      .map(([id]) => code(id))
      .join(', ')
  const rows = Object.entries(on.workflow_call?.secrets ?? {}).map(([secret, { description }]) => [
    code(secret),
    description,
    readBy(secret) || 'none yet',
  ])
  return rows.length === 0 ? ['It takes no secrets.'] : table(['secret', '', 'jobs'], rows)
}

function outputsTable(name: Name): string[] {
  return table(
    ['output', ''],
    Object.entries(workflow(reusablePath(name)).on.workflow_call?.outputs ?? {}).map(
      ([output, { description }]) => [code(output), description],
    ),
  )
}

/** With the comment of each line of `permissions:` as its reason. */
function permissionsTable(name: Name): string[] {
  const document = parseDocument(read(reusablePath(name)))
  const rows = Object.keys(workflow(reusablePath(name)).jobs).flatMap((job) => {
    const permissions = document.getIn(['jobs', job, 'permissions'], true)
    return isMap(permissions)
      ? (permissions.items as Pair<Scalar<string>, Scalar<string>>[]).map(({ key, value }) => [
          code(job),
          code(`${key.value}: ${value?.value ?? ''}`),
          value?.comment?.trim() ?? '',
        ])
      : []
  })
  return table(['job', 'permission', 'for'], rows)
}

/** The front has no permissions of its own: it hands on those of the workflows it calls. */
const sectionOf = (name: Name): string =>
  [
    `### ${name}`,
    '',
    ...inputsTable(name),
    '',
    ...secretsTable(name),
    '',
    ...outputsTable(name),
    '',
    ...(name === 'zenml-upgrade' ? [] : [...permissionsTable(name), '']),
  ].join('\n')

const REFERENCE =
  '<!-- The tables below follow the workflows: UPDATE_GOLDEN=1 with test/contract/workflows-docs.test.ts writes them. -->\n\n'
const reference = await formatted(PATH, REUSABLE.map(sectionOf).join('\n'))

if (process.env['UPDATE_GOLDEN'] === '1') {
  const [text = ''] = read(PATH).split(REFERENCE)
  writeFileSync(join(ROOT, PATH), `${text.trimEnd()}\n\n${REFERENCE}${reference}`)
}

describe('docs/workflows.md', () => {
  it('has every input, secret, output and permission as the workflows have them', () => {
    expect(read(PATH).split(REFERENCE)[1]).toBe(reference)
  })

  it('says of every permission what it is for', () => {
    for (const name of REUSABLE.filter((each) => each !== 'zenml-upgrade'))
      for (const line of permissionsTable(name).slice(2))
        expect(line).toMatch(/^\| `[\w-]+` \| `[a-z-]+: \w+` \| \S.* \|$/)
  })

  it('tells of every secret that some workflow takes', () => {
    const [text = ''] = read(PATH).split(REFERENCE)
    const secrets = REUSABLE.flatMap((name) =>
      Object.keys(workflow(reusablePath(name)).on.workflow_call?.secrets ?? {}),
    )
    for (const secret of new Set(secrets)) expect(text).toContain(`\`${secret}\``)
  })
})

it('README.md shows the workflow as it is copied', () => {
  const shown = /^```yaml\n(name: zenml-upgrade\n[^]*?)^```$/m.exec(read('README.md'))?.[1]
  expect(shown).toBe(read('examples/workflow/zenml-upgrade.yml'))
})

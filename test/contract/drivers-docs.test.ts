import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { backup, deploy } from '../../src/config/drivers.ts'
import { BUILT_DRIVERS } from '../../src/config/not-built.ts'
import { VARIABLE_RULES } from '../../src/runtime/variable-rules.ts'
import { RESERVED } from '../../src/deploy/local-layout.ts'

interface Example {
  readonly deploy?: unknown
  readonly backup?: unknown
  readonly environments?: Readonly<Record<string, Example>>
}

describe('docs/drivers.md', () => {
  let text: string
  beforeAll(async () => {
    text = await readFile(join(import.meta.dirname, '../../docs/drivers.md'), 'utf8')
  })

  it('has a section for every driver that is built', () => {
    expect([...text.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)).toEqual([...BUILT_DRIVERS])
  })

  it('names every variable that is withheld or reserved', () => {
    const withheld = VARIABLE_RULES.filter(({ commands }) => !commands.gets).flatMap(
      ({ names }) => names,
    )
    for (const name of [...withheld, ...RESERVED]) expect(text).toContain(`\`${name}\``)
  })

  it('shows examples that the file accepts', () => {
    const examples = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
      ([, yaml]) => parse(yaml ?? '') as Example,
    )
    const settings = examples.flatMap((example) => [
      example,
      ...Object.values(example.environments ?? {}),
    ])
    const deploys = settings.flatMap((each) => (each.deploy === undefined ? [] : [each.deploy]))
    expect(deploys.length).toBeGreaterThanOrEqual(BUILT_DRIVERS.length)
    for (const each of deploys) expect(deploy.safeParse(each)).toMatchObject({ success: true })
    for (const each of settings)
      if (each.backup !== undefined)
        expect(backup.safeParse(each.backup)).toMatchObject({ success: true })
  })
})

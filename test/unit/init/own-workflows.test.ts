import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { isUnedited, ownWorkflows } from '../../../src/init/own-workflows.ts'

const ORIGIN = {
  repository: 'acme/zenml-upgrade',
  version: '1.2.0',
  release: { version: '1.2.0', commit: 'c'.repeat(40) },
}
const OURS: Readonly<Record<string, string>> = {
  front: 'zenml-upgrade',
  plan: 'plan-upgrade',
  staging: 'upgrade-staging',
  gate: 'gate-production',
  production: 'promote-production',
}
const WORKFLOWS = join(import.meta.dirname, '..', '..', '..', '.github', 'workflows')
const copies = ownWorkflows(ORIGIN)
const [, plan = { path: '', text: '' }] = copies

describe('own copies', () => {
  it('are of every reusable workflow, and always the same bytes', () => {
    expect(copies.map(({ path }) => path)).toEqual(
      Object.keys(OURS).map((name) => `.github/workflows/zenml-upgrade-${name}.yml`),
    )
    expect(ownWorkflows(ORIGIN)).toEqual(copies)
  })

  it.each(copies.map(({ path, text }) => [path, text] as const))(
    '%s is our workflow but for its header, its version, and what it uses',
    (path, text) => {
      const name = /zenml-upgrade-(\w+)\.yml$/.exec(path)?.[1] ?? ''
      const ours = readFileSync(join(WORKFLOWS, `${OURS[name] ?? ''}.yml`), 'utf8')
      const restored = text
        .split('\n')
        .slice(4)
        .join('\n')
        .replace(
          'WORKFLOWS: v1.2.0\n',
          "WORKFLOWS: called # the user's copies have their version here\n",
        )
        .replaceAll(`uses: acme/zenml-upgrade/`, 'uses: $/')
        .replaceAll(`@${'c'.repeat(40)} # v1.2.0`, '')
        .replaceAll(
          /\$\/\.github\/workflows\/zenml-upgrade-(\w+)\.yml/g,
          (_, copy: string) => `$/.github/workflows/${OURS[copy] ?? ''}.yml`,
        )
      expect(restored).toBe(ours)
      expect(text).toContain('ZENML_UPGRADE_WORKFLOWS: v1.2.0')
      expect(text).toMatch(/^# Written by zenml-upgrade v1\.2\.0: .*init --own-workflows true\n/)
    },
  )

  it('use nothing of their own repository but each other and the setup action', () => {
    const uses = copies.flatMap(({ text }) =>
      [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, used = '']) => used),
    )
    expect(
      uses.filter((used) => /^[^#]*@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used)).length,
    ).toBeGreaterThan(20)
    expect(
      new Set(
        uses
          .filter((used) => !used.includes('@'))
          .map((used) => used.split(' ')[0])
          .filter((used) => !copies.some(({ path }) => used === `$/${path}`)),
      ),
    ).toEqual(new Set(['./.github/actions/zenml-upgrade-setup']))
  })
})

describe('an own copy', () => {
  it.each([
    ['as it was written', plan.text],
    ['with Windows line ends', plan.text.replaceAll('\n', '\r\n')],
    [
      'whose actions Renovate raised',
      plan.text.replaceAll(`@${'c'.repeat(40)} # v1.2.0`, `@${'d'.repeat(40)} # v1.3.0`),
    ],
    [
      'whose actions of others Dependabot raised',
      plan.text.replace(/checkout@\S+ # \S+/g, `checkout@${'e'.repeat(40)} # v8`),
    ],
  ])('is unedited %s', (_what, text) => {
    expect(isUnedited(text)).toBe(true)
  })

  it.each([
    ['with another time limit', plan.text.replace('timeout-minutes: 15', 'timeout-minutes: 60')],
    ['with another action', plan.text.replace('actions/checkout@', 'acme/checkout@')],
    ['with a line at its end', `${plan.text}# mine\n`],
    [
      'with another version of its text',
      plan.text.replace('WORKFLOWS: v1.2.0', 'WORKFLOWS: v9.9.9'),
    ],
    ['without its header', plan.text.split('\n').slice(4).join('\n')],
    ['that is empty', ''],
  ])('is edited %s', (_what, text) => {
    expect(isUnedited(text)).toBe(false)
  })
})

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { valid } from '@renovatebot/pep440'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import { tool } from '../support/environments.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const PRESET = join(ROOT, 'renovate', 'zenml.json')
const { repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  repository: string
}
const preset = JSON.parse(readFileSync(PRESET, 'utf8')) as {
  baseBranchPatterns: string[]
  customManagers: {
    managerFilePatterns: string[]
    matchStrings: string[]
    depNameTemplate: string
    datasourceTemplate: string
    versioningTemplate: string
  }[]
}
const [manager] = preset.customManagers

/** What Renovate does with a file: every match of every pattern, with no flag but `g`. */
function found(text: string): string[] {
  return (manager?.matchStrings ?? []).flatMap((pattern) =>
    [...text.matchAll(new RegExp(pattern, 'g'))].map(
      ({ groups }) => groups?.['currentValue'] ?? '',
    ),
  )
}

/** Renovate writes the new version over the old one, inside what the pattern matched. */
function bumped(text: string, to: string): string {
  return (manager?.matchStrings ?? []).reduce(
    (before, pattern) =>
      before.replace(new RegExp(pattern, 'g'), (match, version: string) =>
        match.replace(version, to),
      ),
    text,
  )
}

const ENVIRONMENTS = `environments:
  staging: { server: https://staging.example.com, deploy: { command: { deploy: ./deploy.sh } } }
  production: { server: https://example.com, deploy: { command: { deploy: ./deploy.sh } } }
`

describe('renovate/zenml.json', () => {
  it('is a configuration of Renovate, by its own schema', async () => {
    const program = await tool('check-jsonschema==0.39.0', 'check-jsonschema')
    const check = (file: string): string =>
      execFileSync(program, ['--builtin-schema', 'vendor.renovate', file], { encoding: 'utf8' })
    expect(check(PRESET)).toContain('ok -- validation done')
    expect(check(join(ROOT, 'examples', 'open-source-helm', 'renovate.json'))).toContain(
      'ok -- validation done',
    )
  }, 300_000)

  it('asks PyPI about zenml, by PEP 440, for the branch staging alone', () => {
    expect(preset.customManagers).toHaveLength(1)
    expect(manager).toMatchObject({
      depNameTemplate: 'zenml',
      datasourceTemplate: 'pypi',
      versioningTemplate: 'pep440',
    })
    expect(preset.baseBranchPatterns).toEqual(['staging'])
    expect(JSON.stringify(preset)).not.toMatch(/groupName|minimumReleaseAge/)
  })

  it('has no pattern that RE2 does not know: no lookaround, no back-reference', () => {
    for (const pattern of manager?.matchStrings ?? [])
      expect(pattern).not.toMatch(/\(\?<?[=!]|\\[1-9]|\\k</)
  })

  it.each(['zenml-upgrade.yml', 'zenml-upgrade.yaml', 'services/churn/zenml-upgrade.yml'])(
    'looks into %s',
    (file) => {
      expect(
        manager?.managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
      ).toBe(true)
    },
  )

  it.each(['zenml-upgrade.yml.bak', 'my-zenml-upgrade.yml', 'zenml-upgrade-yml'])(
    'does not look into %s',
    (file) => {
      expect(
        manager?.managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
      ).toBe(false)
    },
  )

  describe.each([
    ['bare', 'zenml: 0.98.0', '0.98.0'],
    ['in double quotes', 'zenml: "0.98.0"', '0.98.0'],
    ['in single quotes', "zenml: '0.98.0'", '0.98.0'],
    ['with a comment after it', 'zenml: 0.98.0 # what this branch deploys', '0.98.0'],
    ['in quotes, with a comment after it', 'zenml: "0.98.0"   # 0.97.0 was blocked', '0.98.0'],
    ['with more space', 'zenml:   0.98.0  ', '0.98.0'],
    ['with a quoted key', '"zenml": 0.98.0', '0.98.0'],
    ['with a v', 'zenml: v0.98.0', 'v0.98.0'],
    ['of two parts, in quotes', 'zenml: "0.98"', '0.98'],
    ['a release candidate', 'zenml: 0.99.0rc1', '0.99.0rc1'],
    ['a release candidate, spelled otherwise', 'zenml: 0.99.0-rc.1', '0.99.0-rc.1'],
    ['a post release', 'zenml: 0.98.0.post2', '0.98.0.post2'],
  ])('a version %s', (_name, line, version) => {
    const texts = [
      `${line}\n${ENVIRONMENTS}`,
      `# first line\n${line}\n${ENVIRONMENTS}`,
      `${ENVIRONMENTS}${line}`,
      `${ENVIRONMENTS}${line}\n`,
      `${line}\r\n${ENVIRONMENTS.replaceAll('\n', '\r\n')}`,
    ]

    it('is a version in the file, is found, and is a version for Renovate', () => {
      for (const text of texts) {
        expect(() => parseConfig(text, 'zenml-upgrade.yml')).not.toThrow()
        expect(found(text)).toEqual([version])
      }
      expect(valid(version)).not.toBeNull()
    })

    it('is replaced, and nothing else', () => {
      for (const text of texts) {
        expect(bumped(text, '1.0.0')).toBe(text.replace(line, line.replace(version, '1.0.0')))
        expect(parseConfig(bumped(text, '1.0.0'), 'zenml-upgrade.yml').zenml).toBe('1.0.0')
      }
    })
  })

  it.each([
    [
      'another file names the version',
      'zenml: { from: deploy/Chart.yaml, path: dependencies.0.version }\n',
    ],
    ['the server names the version', 'zenml: { follow: server }\n'],
    ['a comment', '# zenml: 0.97.0\n'],
    ['a nested key', 'environments:\n  zenml: 0.97.0\n'],
    ['a key that only begins so', 'zenml-server: 0.97.0\nzenmlx: 0.97.0\n'],
    ['a list', 'zenml:\n  - 0.97.0\n'],
    ['a word', 'zenml: latest\n'],
    ['text after the version', 'zenml: 0.97.0 or so\n'],
    ['no space', 'zenml:0.97.0\n'],
  ])('finds nothing where there is %s', (_name, text) => {
    expect(found(text)).toEqual([])
  })

  it('finds the version of every example, and none in a workflow of the same name', async () => {
    const examples = join(ROOT, 'examples')
    const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('/zenml-upgrade.yml'),
    )
    for (const file of files) {
      const text = readFileSync(join(examples, file), 'utf8')
      if (/^jobs:/m.test(text)) expect(found(text)).toEqual([])
      else expect(found(text)).toEqual([(await loadConfig(join(examples, file))).zenml])
    }
    expect(files.length).toBeGreaterThanOrEqual(9)
  })

  it('is extended in the documentation by the name it has', () => {
    for (const file of ['renovate/README.md', 'examples/open-source-helm/renovate.json']) {
      expect(readFileSync(join(ROOT, file), 'utf8')).toContain(
        `"github>${repository}//renovate/zenml"`,
      )
    }
  })
})

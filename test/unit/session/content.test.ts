import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { contentAt, readContent, type ContentPlace } from '../../../src/session/content.ts'
import { NO_OTHERS } from '../../support/repositories.ts'

const FILE = `zenml: 0.98.0
environments:
  staging: { server: "https://staging.test", deploy: { command: { deploy: ./deploy.sh } } }
  production: { server: "https://production.test", deploy: { command: { deploy: ./deploy.sh } } }
smoke: [{ command: pytest }]
`
let root: string
const git = (...args: string[]) =>
  execFileSync(
    'git',
    [
      '-C',
      root,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@t.test',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ],
    { encoding: 'utf8' },
  ).trim()
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'content-'))
  git('init', '-q')
  mkdirSync(join(root, 'team', 'churn'), { recursive: true })
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

/** Commits a file of the configuration in a folder, beside pipelines. */
function committed(folder: string, text: string | Buffer): ContentPlace {
  writeFileSync(join(root, folder, 'zenml-upgrade.yml'), text)
  writeFileSync(join(root, folder, 'pipelines.py'), 'x\n')
  git('add', '--all')
  git('commit', '-q', '-m', 'first')
  return {
    workingDirectory: join(root, folder),
    configPath: 'zenml-upgrade.yml',
    repositories: NO_OTHERS,
  }
}

describe('what lies in the repository', () => {
  it.each([
    ['as an editor leaves it', '', FILE],
    ['in a subfolder', 'team', FILE],
    ['without an end of its last line', '', FILE.trimEnd()],
    ['with line ends of Windows', '', FILE.replaceAll('\n', '\r\n')],
    ['with blank lines at its end', '', `${FILE}\n\n`],
  ])('is the same checked out and at its commit, with a file %s', async (_how, folder, text) => {
    const place = committed(folder, text)
    const [here, there] = [
      await readContent(place),
      await contentAt(place, git('rev-parse', 'HEAD')),
    ]
    expect(there).toEqual({
      ...here,
      config: there?.config,
      testedIn: there?.testedIn,
      contentIn: there?.contentIn,
    })
    expect(await there?.testedIn('staging')).toEqual(await here.testedIn('staging'))
    expect(here.sha).toBe(git('rev-parse', 'HEAD'))
  })

  it('is another file when one byte of it changed', async () => {
    const place = committed('', FILE)
    const before = await readContent(place)
    writeFileSync(join(root, 'zenml-upgrade.yml'), `# another\n${FILE}`)
    const after = await readContent(place)
    expect(await after.testedIn('staging')).toEqual(await before.testedIn('staging'))
    expect(after.file).not.toBe(before.file)
  })

  it('is nothing at a commit without the file', async () => {
    const place = committed('team', FILE)
    expect(await contentAt({ ...place, workingDirectory: root }, 'HEAD')).toBeUndefined()
  })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import {
  commitNamed,
  differsBelow,
  fileAt,
  filesAt,
  mergedTree,
  trackedFiles,
} from '../../../src/git/git.ts'

let root: string
const git = (args: readonly string[], input?: string) =>
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
    { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] },
  ).trim()
const commit = (path: string, text: string) => {
  writeFileSync(join(root, path), text)
  git(['add', '--all'])
  git(['commit', '-q', '-m', path])
  return git(['rev-parse', 'HEAD'])
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'git-'))
  git(['init', '-q', '-b', 'main'])
  mkdirSync(join(root, 'sub', 'deep'), { recursive: true })
  for (const path of [
    'top.py',
    'sub/ä b.py',
    'sub/deep/tab\there.py',
    'sub/line\nend.py',
    'sub/"quoted".py',
    'subordinate.py',
  ])
    writeFileSync(join(root, path), `${path}\n`)
  symlinkSync('top.py', join(root, 'sub', 'link.py'))
  git(['add', '--all'])
  git(['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub/module`])
  git(['commit', '-q', '-m', 'first'])
  mkdirSync(join(root, 'sub', 'module'))
})
afterAll(() => {
  rmSync(root, { recursive: true })
})

describe('the files of a commit', () => {
  it.each(['', 'sub', 'sub/deep'])('are those of a clean work tree, in "%s"', async (folder) => {
    const place = join(root, folder)
    const files = await filesAt(place, 'HEAD')
    expect(files.length).toBeGreaterThan(0)
    expect(files).toEqual(await trackedFiles(place))
    expect(await filesAt(place, git(['rev-parse', 'HEAD^{tree}']))).toEqual(files)
  })

  it('are named below the folder, whatever their names are', async () => {
    expect((await filesAt(join(root, 'sub'), 'HEAD')).map(({ path }) => path)).toEqual([
      '"quoted".py',
      'deep/tab\there.py',
      'line\nend.py',
      'link.py',
      'module',
      'ä b.py',
    ])
  })

  it('are all of them, also where git tells five megabytes about them', async () => {
    const blob = git(['hash-object', '-w', '--stdin'], 'x')
    const tree = git(
      ['mktree'],
      Array.from(
        { length: 50_000 },
        (_, number) =>
          `100644 blob ${blob}\t${'pipeline-'.repeat(5)}${String(number).padStart(6, '0')}.py\n`,
      ).join(''),
    )
    const files = await filesAt(root, tree)
    expect(files).toHaveLength(50_000)
    expect(files[0]?.path).toMatch(/000000\.py$/)
    expect(files.at(-1)?.path).toMatch(/049999\.py$/)
  })

  it('have a text, or none', async () => {
    expect(await fileAt(join(root, 'sub'), 'HEAD', 'ä b.py')).toBe('sub/ä b.py\n')
    expect(await fileAt(root, 'HEAD', 'gone.py')).toBeUndefined()
    expect(await fileAt(root, 'gone', 'top.py')).toBeUndefined()
  })
})

describe('git on a clone', () => {
  it('gives the text of a file as it is, also without a last line break and with CR LF', async () => {
    const blob = git(['hash-object', '-w', '--stdin'], 'a\r\nb')
    const tree = git(['mktree'], `100644 blob ${blob}\ttext\n`)
    expect(await fileAt(root, tree, 'text')).toBe('a\r\nb')
  })

  it('lists a file whose name is not UTF-8', async () => {
    const blob = git(['hash-object', '-w', '--stdin'], 'x')
    const row = Buffer.concat([
      Buffer.from(`100644 blob ${blob}\t`),
      Buffer.from([0x6e, 0xff, 0x0a]),
    ])
    const tree = execFileSync('git', ['-C', root, 'mktree'], { input: row }).toString().trim()
    expect(await filesAt(root, tree)).toEqual([{ path: 'n\uFFFD', blob }])
  })

  it('prints nothing, whether it works or fails', async () => {
    const script = `
      import { fileAt, headCommit } from '${import.meta.dirname}/../../../src/git/git.ts'
      await headCommit('${root}')
      await fileAt('${root}', 'gone', 'x')
      await headCommit('${tmpdir()}/none')`
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
    })
    const printed = spawnSync(process.execPath, ['--input-type=module'], {
      input: outputFiles[0]?.text ?? '',
      encoding: 'utf8',
    })
    expect(printed).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })
})

describe('two commits', () => {
  it('give a tree when they are merged, unless they conflict or one is not here', async () => {
    const base = git(['rev-parse', 'HEAD'])
    const ours = commit('ours.py', 'ours\n')
    git(['checkout', '-q', '--detach', base])
    const theirs = commit('theirs.py', 'theirs\n')
    const merged = await mergedTree(root, ours, theirs)
    expect((await filesAt(root, merged ?? '')).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['ours.py', 'theirs.py', 'top.py']),
    )
    expect(await mergedTree(join(root, 'sub'), theirs, ours)).toBe(merged)
    expect(await mergedTree(root, ours, base)).toBe(git(['rev-parse', `${ours}^{tree}`]))

    git(['checkout', '-q', '--detach', base])
    const conflicting = commit('ours.py', 'other\n')
    expect(await mergedTree(root, ours, conflicting)).toBeUndefined()
    expect(await mergedTree(root, ours, 'a'.repeat(40))).toBeUndefined()
    expect(await differsBelow(root, base, ours, 'ours.py')).toBe(true)
    expect(await differsBelow(root, base, ours, 'sub')).toBe(false)
    expect(await differsBelow(root, base, 'a'.repeat(40), 'sub')).toBeUndefined()
    expect(await commitNamed(root, 'main')).toBe(ours)
    expect(await commitNamed(root, '--all')).toBeUndefined()
  })
})

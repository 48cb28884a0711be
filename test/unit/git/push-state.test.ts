import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { notPushedBecause, pushState } from '../../../src/git/push-state.ts'

let directory: string
let clone: string
const git = (...args: string[]) =>
  execFileSync(
    'git',
    ['-C', clone, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args],
    { encoding: 'utf8' },
  )
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'push-state-'))
  clone = join(directory, 'clone')
  execFileSync('git', ['init', '--quiet', '--bare', join(directory, 'origin')])
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', clone])
  git('remote', 'add', 'origin', join(directory, 'origin'))
  writeFileSync(join(clone, 'run.py'), 'rows = 1\n')
  git('add', '--all')
  git('commit', '--quiet', '--no-gpg-sign', '--message', 'first')
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

it('says why ZenML uses no code repository for a checkout', async () => {
  const why = async (isJob = false) => {
    const state = await pushState(clone)
    return state && notPushedBecause(state, { isJob })
  }
  expect(await why()).toBe('the commit of the branch main was not pushed to origin')
  git('push', '--quiet', 'origin', 'main')
  expect(await why()).toBeUndefined()
  writeFileSync(join(clone, 'notes.txt'), 'x')
  expect(await why()).toBe('1 file (notes.txt) is not tracked by Git and not ignored')
  expect(await why(true)).toBeUndefined()
  writeFileSync(join(clone, 'run.py'), 'rows = 2\n')
  expect(await why(true)).toBe('1 file (run.py) is changed and not committed')
  git('checkout', '--quiet', '--', 'run.py')
  rmSync(join(clone, 'notes.txt'))
  git('checkout', '--quiet', '--detach')
  expect(await why()).toBe('no branch is checked out, which ZenML refuses')
  expect(await pushState(directory)).toBeUndefined()
})

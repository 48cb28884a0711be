import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { scratchFolder } from '../../../src/runtime/scratch.ts'

it('removes what a process that was killed left a day ago, and nothing else', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const made = (pid: number, hours: number) => {
    const folder = join(tmpdir(), `zenml-upgrade-test-p${pid}-${hours}h`)
    mkdirSync(folder, { recursive: true })
    const time = Date.now() / 1000 - hours * 3600
    utimesSync(folder, time, time)
    return folder
  }
  const folders = [made(dead, 25), made(dead, 1), made(process.pid, 25)]
  const unrelated = mkdtempSync(join(tmpdir(), 'zenml-upgrade-test-'))
  const own = scratchFolder('test')
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, true, true])
  expect([own, unrelated].map((folder) => existsSync(folder))).toEqual([true, true])
  for (const folder of [...folders, own, unrelated])
    rmSync(folder, { recursive: true, force: true })
})

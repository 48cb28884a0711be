import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { buildOnce } from '../../../src/zenml-client/build-once.ts'
import { identify } from '../../../src/runtime/process-identity.ts'
import { testMachine } from '../../support/machine.ts'

let directory: string
let target: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'build-once-'))
  target = join(directory, 'thing')
})
afterEach(() => rm(directory, { recursive: true }))

const fill = async (temporary: string) => {
  await mkdir(temporary)
  await writeFile(join(temporary, 'content'), 'whole')
}

describe('buildOnce', () => {
  it('builds, then finds, and leaves nothing else', async () => {
    expect(await buildOnce(testMachine(), target, fill)).toBe('built')
    expect(await buildOnce(testMachine(), target, () => Promise.reject(new Error('again')))).toBe(
      'found',
    )
    expect(await readdir(directory)).toEqual(['thing'])
  })

  it('lets one build while the others wait for it', async () => {
    let finish: () => void = () => undefined
    const wait = new Promise<void>((resolve) => {
      finish = resolve
    })
    let builds = 0
    const build = async (temporary: string) => {
      builds += 1
      await wait
      await fill(temporary)
    }
    const first = buildOnce(testMachine(), target, build)
    while (builds === 0) await new Promise(setImmediate)
    const second = buildOnce(testMachine(), target, build)
    finish()
    expect((await Promise.all([first, second])).sort()).toEqual(['built', 'found'])
    expect(builds).toBe(1)
    expect(await readFile(join(target, 'content'), 'utf8')).toBe('whole')
  })

  it('leaves nothing behind when it fails, and can be tried again', async () => {
    await expect(
      buildOnce(testMachine(), target, async (temporary) => {
        await mkdir(temporary)
        throw new Error('no disk')
      }),
    ).rejects.toThrow('no disk')
    expect(await readdir(directory)).toEqual([])
    expect(await buildOnce(testMachine(), target, fill)).toBe('built')
  })

  it('takes over from a builder that died', async () => {
    const own = await identify(process.pid)
    await writeFile(`${target}.lock`, JSON.stringify({ ...own, started: 'in another life' }))
    expect(await buildOnce(testMachine(), target, fill)).toBe('built')
    await expect(access(`${target}.lock`)).rejects.toThrow()
  })
})

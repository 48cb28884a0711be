import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BrokenDump, linesOf } from '../../../src/backup/dump-lines.ts'
import { unpackDump } from '../../../src/backup/packed-dump.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'packed-dump-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Paths of the files that this process has open. */
async function openFiles(): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd')
  return Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
}

describe('a packed dump', () => {
  it('that cannot be read is an error of its reader', async () => {
    const reading = linesOf(await unpackDump(directory)).next()
    await expect(reading).rejects.toBeInstanceOf(BrokenDump)
    await expect(reading).rejects.toMatchObject({ cause: { code: 'EISDIR' } })
  })

  it('is closed when its reader stops early', async () => {
    const path = join(directory, 'dump.sql.gz')
    await writeFile(path, gzipSync(`first\n${randomBytes(4_000_000).toString('hex')}\n`))
    for await (const line of linesOf(await unpackDump(path))) {
      expect(line).toBe('first')
      expect(await openFiles()).toContain(path)
      break
    }
    await new Promise(setImmediate)
    expect(await openFiles()).not.toContain(path)
  })
})

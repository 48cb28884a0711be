import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Stop } from '../../../src/core/stop.ts'
import { accessing, refusedAccess } from '../../../src/runtime/file-access.ts'
import { writeFileAtomic } from '../../../src/runtime/files.ts'

const systemError = (code: string, details: Partial<NodeJS.ErrnoException> = {}) =>
  Object.assign(new Error(`${code}: refused`), { code, ...details })

describe('an error of the file system', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE'])(
    '%s is a stop that names the path and what to do',
    (code) => {
      const error = systemError(code, { path: '/state/attempts', syscall: 'open' })
      expect(refusedAccess(error)).toMatchObject({
        code: 'file-access-failed',
        message: expect.stringMatching(
          new RegExp(`^/state/attempts cannot be used: .+ \\(${code}\\)$`),
        ) as unknown,
        next: expect.stringMatching(
          /^[A-Z].* for \/state\/attempts, then run this again/,
        ) as unknown,
        cause: error,
      })
    },
  )

  it('is a stop also where a write names no path', () => {
    expect(refusedAccess(systemError('ENOSPC', { syscall: 'write' }))?.message).toBe(
      'a file of this machine cannot be used: no space is left on its disk (ENOSPC)',
    )
  })

  it('is no stop when it is about something else than a file, or is a stop already', () => {
    expect(refusedAccess(systemError('EPERM', { syscall: 'kill' }))).toBeUndefined()
    expect(refusedAccess(systemError('ENOENT', { path: '/state' }))).toBeUndefined()
    expect(refusedAccess(new Stop('locked', 'taken'), '/state')).toBeUndefined()
    expect(refusedAccess(new TypeError('x is undefined'), '/state')).toBeUndefined()
  })

  it('keeps what is no refusal as it is', async () => {
    const error = new TypeError('x is undefined')
    await expect(accessing('/state', () => Promise.reject(error))).rejects.toBe(error)
  })
})

describe('a file that cannot be written', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'file-access-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  it('leaves nothing beside it, and its error names it', async () => {
    const path = join(directory, 'record')
    await mkdir(path)
    await expect(writeFileAtomic(path, 'new')).rejects.toMatchObject({ code: 'EISDIR', path })
    expect(await readdir(directory)).toEqual(['record'])
  })
})

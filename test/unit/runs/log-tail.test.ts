import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { registerSecret } from '../../../src/runtime/secrets.ts'
import { fileTail, lastLines } from '../../../src/runs/log-tail.ts'

describe('lastLines', () => {
  it('keeps the last 20 lines, without empty ones', () => {
    const text = Array.from({ length: 50 }, (_, index) => `line ${index}\n\n`).join('')
    expect(lastLines(text)).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 30}`))
    expect(lastLines('')).toEqual([])
  })

  it('keeps at most 4 KB, and of a long line its beginning', () => {
    const lines = lastLines(`${'é'.repeat(5000)}\n`.repeat(20))
    expect(lines.every((line) => Array.from(line).length <= 401)).toBe(true)
    expect(Buffer.byteLength(lines.join('\n'))).toBeLessThanOrEqual(4096)
    expect(lines.length).toBeGreaterThan(3)
  })

  it('takes out secrets and what moves a cursor or splits a line', () => {
    registerSecret('canary-of-the-log')
    expect(lastLines('\u001B[31mred\u001B[0m\r\n\tkey=canary-of-the-log\u202E')).toEqual([
      'red',
      '  key=***\\u{202e}',
    ])
  })
})

describe('fileTail', () => {
  it('reads the end of a long log, from the beginning of a line, and nothing of a missing one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'log-tail-'))
    try {
      const path = join(directory, 'job.log')
      const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index} ${'x'.repeat(20)}`)
      await writeFile(path, lines.join('\n'))
      expect(await fileTail(path)).toEqual(lines.slice(-20))
      await writeFile(path, 'one\ntwo')
      expect(await fileTail(path)).toEqual(['one', 'two'])
      expect(await fileTail(join(directory, 'none.log'))).toEqual([])
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})

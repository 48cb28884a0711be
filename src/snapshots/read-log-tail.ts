import { readFile } from 'node:fs/promises'
import { tail } from '../runtime/process.ts'

/** The last lines that a job printed; none where its log cannot be read. */
export async function readLogTail(logPath: string): Promise<string[]> {
  const text = await readFile(logPath, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.length === 0 ? [] : tail(lines.join('\n'))
}

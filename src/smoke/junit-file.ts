import { readFile, rm, stat } from 'node:fs/promises'
import type { TestReport } from '../result/smoke.ts'
import { redactForeign } from '../runtime/secrets.ts'
import { JUNIT_LIMIT_BYTES, parseJunit } from './junit.ts'
import { JunitError } from './junit-error.ts'
import { decodeXml } from './xml-encoding.ts'

/** What a suite left behind. Only `read` is a measurement. */
export type JunitReading =
  | { readonly kind: 'read'; readonly tests: readonly TestReport[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly problem: string }

/** An old file would be read as the result of a suite that wrote none. */
export async function removeStale(path: string): Promise<void> {
  await rm(path, { force: true, recursive: false }).catch((error: unknown) => {
    // A folder is left alone; reading it will tell.
    if (
      !['ERR_FS_EISDIR', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
    )
      throw error
  })
}

export async function readJunit(path: string): Promise<JunitReading> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return { kind: 'missing' }
  if (!found.isFile()) return { kind: 'unreadable', problem: 'is no file' }
  if (found.size > JUNIT_LIMIT_BYTES)
    return { kind: 'unreadable', problem: `is larger than ${JUNIT_LIMIT_BYTES / 1_000_000} MB` }
  try {
    const tests = parseJunit(decodeXml(await readFile(path)))
    return { kind: 'read', tests: tests.map(withoutSecrets) }
  } catch (error) {
    if (error instanceof JunitError)
      return { kind: 'unreadable', problem: redactForeign(error.message) }
    throw error
  }
}

/**
 * Tests print what they see, secrets included. Taken out after parsing: a short secret may be a
 * word of the format, and XML has spellings of its own.
 */
function withoutSecrets(test: TestReport): TestReport {
  const { name, message, file } = test
  return {
    ...test,
    name: redactForeign(name),
    message: message === null ? null : redactForeign(message),
    file: file === null ? null : redactForeign(file),
  }
}

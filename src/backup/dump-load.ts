import type { Show } from '../runtime/progress.ts'
import { linesOf } from './dump-lines.ts'
import { OBJECTS_SECTION } from './dump-objects.ts'
import { unpackDump } from './packed-dump.ts'

/**
 * New releases of mariadb-dump begin with this line, in one of two spellings, which other clients and
 * older ones do not understand.
 */
const SANDBOX_LINE = /^\/\*M?!999999\\- /
const CHUNK = 64 * 1024

/** Yields the tables of a dump as a client of either vendor takes them: without that line, and without
 * the section of objects. */
export async function* tablesIn(path: string, show?: Show): AsyncGenerator<Buffer> {
  let chunk: string[] = []
  let size = 0
  let first = true
  for await (const line of linesOf(await unpackDump(path, show))) {
    if (line === OBJECTS_SECTION) break
    const skipped = first && SANDBOX_LINE.test(line)
    first = false
    if (skipped) continue
    chunk.push(line, '\n')
    size += line.length + 1
    if (size < CHUNK) continue
    yield Buffer.from(chunk.join(''), 'latin1')
    chunk = []
    size = 0
  }
  yield Buffer.from(chunk.join(''), 'latin1')
}

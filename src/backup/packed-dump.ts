import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { size } from '../core/text.ts'
import type { Show } from '../runtime/progress.ts'

/**
 * Unpacks a dump; what is shown is how many bytes of its file have been read. The stream fails when
 * the file cannot be read, and closes the file also when its reader stops early.
 */
export async function unpackDump(path: string, show?: Show): Promise<Readable> {
  const { size: total } = await stat(path)
  const file = createReadStream(path)
  show?.(() => `${size(file.bytesRead)} of ${size(total)}`)
  // Whoever reads the stream gets its error.
  return pipeline(file, createGunzip(), () => undefined)
}

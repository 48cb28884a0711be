// The actions of others that ours use, for tests: the inputs and outputs of the originals, and
// enough of what they do.
import { join } from 'node:path'

/** Folder of the stand-in for `owner/name`. */
export function standIn(repository: string): string {
  return join(import.meta.dirname, '..', 'workflow', 'stand-ins', repository.replace('/', '-'))
}

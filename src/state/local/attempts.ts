import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Stop } from '../../core/stop.ts'
import { writeFileAtomic } from '../../runtime/files.ts'
import { attemptSchema, type Attempt, type AttemptStore } from '../attempt.ts'

/**
 * Attempts as files: `<directory>/attempts/<environment>/<id>.json`; ids sort by time. Only the
 * owner of the server's lock writes.
 */
export function stateDirectory(directory: string): AttemptStore {
  const folderOf = (environment: string) => join(directory, 'attempts', environment)
  const pathOf = (environment: string, id: string) => join(folderOf(environment), `${id}.json`)
  return {
    async list(environment) {
      const folder = folderOf(environment)
      const names = (await namesIn(folder, directory)).filter((name) => name.endsWith('.json'))
      return Promise.all(names.sort().map((name) => readAttempt(join(folder, name))))
    },
    async begin(attempt) {
      await writeFileAtomic(pathOf(attempt.environment, attempt.id), serialise(attempt))
    },
    async append(environment, id, entry) {
      const path = pathOf(environment, id)
      const attempt = await readAttempt(path)
      await writeFileAtomic(path, serialise({ ...attempt, entries: [...attempt.entries, entry] }))
    },
  }
}

async function namesIn(folder: string, directory: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Stop('invalid-input', `the state directory ${directory} cannot be read`, {
      next: 'Give --state-directory a folder that you can write and that outlives this run.',
      cause: error,
    })
  })
}

async function readAttempt(path: string): Promise<Attempt> {
  const text = await readFile(path, 'utf8')
  try {
    return attemptSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Stop(
      'invalid-input',
      `the record ${path} is damaged or of another version of zenml-upgrade`,
      {
        next: 'Move it away after you have read what it tells about an unfinished upgrade; then run this again.',
        cause,
      },
    )
  }
}

function serialise(attempt: Attempt): string {
  return `${JSON.stringify(attempt, null, 2)}\n`
}

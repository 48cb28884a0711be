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
  const folder = (environment: string) => join(directory, 'attempts', environment)
  const read = async (path: string): Promise<Attempt> => {
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
  return {
    async list(environment) {
      const found = await readdir(folder(environment)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw new Stop('invalid-input', `the state directory ${directory} cannot be read`, {
          next: 'Give --state-directory a folder that you can write and that outlives this run.',
          cause: error,
        })
      })
      const names = found.filter((name) => name.endsWith('.json')).sort()
      return Promise.all(names.map((name) => read(join(folder(environment), name))))
    },
    async begin(attempt) {
      await writeFileAtomic(
        join(folder(attempt.environment), `${attempt.id}.json`),
        serialise(attempt),
      )
    },
    async append(environment, id, entry) {
      const path = join(folder(environment), `${id}.json`)
      const attempt = await read(path)
      await writeFileAtomic(path, serialise({ ...attempt, entries: [...attempt.entries, entry] }))
    },
  }
}

function serialise(attempt: Attempt): string {
  return `${JSON.stringify(attempt, null, 2)}\n`
}

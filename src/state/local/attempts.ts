import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../core/environments.ts'
import { Stop } from '../../core/stop.ts'
import { fileKey } from '../../result/result-file.ts'
import { accessing } from '../../runtime/file-access.ts'
import { writeFileAtomic } from '../../runtime/files.ts'
import { attemptSchema, type Attempt, type AttemptStore } from '../attempt.ts'

/**
 * Names the directory of one environment: `staging`, and `staging-<file key>` for another
 * configuration file than the default, so that two files never see each other's records.
 */
export function recordName(environment: Environment, config: string): string {
  const key = fileKey(config)
  return key === undefined ? environment : `${environment}-${key}`
}

/**
 * Attempts as files: `<directory>/attempts/<record name>/<id>.json`; ids sort by time. Only the
 * owner of the server's lock writes. `config` is the path of the configuration file.
 */
export function stateDirectory(directory: string, config: string): AttemptStore {
  const folderOf = (environment: Environment) =>
    join(directory, 'attempts', recordName(environment, config))
  const pathOf = (environment: Environment, id: string) => join(folderOf(environment), `${id}.json`)
  return {
    async list(environment) {
      const folder = folderOf(environment)
      const names = (await namesIn(folder, directory)).filter((name) => name.endsWith('.json'))
      return Promise.all(names.sort().map((name) => readAttempt(join(folder, name))))
    },
    async begin(attempt) {
      await save(pathOf(attempt.environment, attempt.id), attempt)
    },
    async append(environment, id, entry) {
      const path = pathOf(environment, id)
      const attempt = await readAttempt(path)
      await save(path, { ...attempt, entries: [...attempt.entries, entry] })
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

/** @throws Stop `file-access-failed` */
async function save(path: string, attempt: Attempt): Promise<void> {
  await accessing(path, () => writeFileAtomic(path, `${JSON.stringify(attempt, null, 2)}\n`))
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { parseJson } from '../core/json.ts'
import { Stop } from '../core/stop.ts'
import { GitReadError } from '../git/remote-git.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { isRefused, type SourceElsewhere } from './read-source.ts'

/**
 * Names the directory into which `check-out-sources` brought other repositories. A command that
 * finds it reads them from there, so that the step that runs their code needs no token.
 */
const SOURCES_DIRECTORY = 'ZENML_UPGRADE_SOURCES_DIRECTORY'

const INDEX = 'sources.json'

const checkedOutSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('found'),
    repository: z.string(),
    /** The ref or commit that was asked for; null: the default branch. */
    wanted: z.string().nullable(),
    commit: z.string(),
    branch: z.string().nullable(),
    /** Absolute. */
    directory: z.string(),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    repository: z.string(),
    wanted: z.string().nullable(),
    code: z.enum(['source-unreachable', 'source-missing']),
    message: z.string(),
    next: z.string(),
    refused: z.boolean(),
  }),
])

/** What became of one repository in an earlier step. */
export type CheckedOut = z.infer<typeof checkedOutSchema>

/** A repository that could not be brought, in the form in which a later step reports it. */
export function failedCheckOut(
  repository: string,
  wanted: string | undefined,
  error: Stop,
): CheckedOut {
  return {
    kind: 'failed',
    repository,
    wanted: wanted ?? null,
    code: error.code === 'source-missing' ? 'source-missing' : 'source-unreachable',
    message: error.message,
    next: error.next ?? '',
    refused: isRefused(error),
  }
}

/** Writes what an earlier step leaves for later ones. */
export async function writeCheckedOut(
  directory: string,
  entries: readonly CheckedOut[],
): Promise<void> {
  await writeFileAtomic(join(directory, INDEX), `${JSON.stringify(entries, null, 2)}\n`)
}

/**
 * Reads what an earlier step of this job left; nothing without one.
 * @throws Stop `invalid-input` for a directory that has no such index
 */
export async function readCheckedOut({ env }: Pick<Machine, 'env'>): Promise<CheckedOut[]> {
  const directory = env[SOURCES_DIRECTORY]?.trim() ?? ''
  if (directory === '') return []
  const text = await readFile(join(directory, INDEX), 'utf8').catch(() => '')
  const parsed = z.array(checkedOutSchema).safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Stop(
    'invalid-input',
    `${SOURCES_DIRECTORY} is ${directory}, and check-out-sources left no index there`,
    {
      next: `Run check-out-sources with --into ${directory} first, or unset ${SOURCES_DIRECTORY}.`,
      cause: parsed.error,
    },
  )
}

/** @throws Stop with which the earlier step could not read the repository */
export function rethrowFailure(
  { name }: SourceElsewhere,
  { code, message, next, refused }: CheckedOut & { kind: 'failed' },
): never {
  throw new Stop(code, message, {
    next,
    cause: new GitReadError(
      refused ? 'refused' : 'other',
      `an earlier step could not read ${name}`,
    ),
  })
}

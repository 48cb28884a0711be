import type { Environment } from '../../core/environments.ts'
import { fileKey } from '../../result/result-file.ts'

/**
 * Rows are read in lists: one for each environment of one configuration file, and one for the locks,
 * which the files of a repository share, because two files may name the same server.
 */
export type RowList = Environment | 'locks'

/** Where people see attempts on GitHub. The environments of the jobs may have other names. */
const ATTEMPTS: Readonly<Record<Environment, string>> = {
  staging: 'zenml-staging',
  production: 'zenml-production',
}
/** Where all other rows are: one environment, so that the repository's page shows one more, not two. */
const JOURNAL = 'zenml-upgrade-journal'

export const ROW_KINDS = ['attempt', 'journal', 'trigger', 'lock', 'unlock'] as const
export type RowKind = (typeof ROW_KINDS)[number]

/** Gives the name of the environment on GitHub that a row belongs to. */
export function githubEnvironment(list: RowList, kind: RowKind): string {
  return kind === 'attempt' && list !== 'locks' ? ATTEMPTS[list] : JOURNAL
}

/**
 * Gives the `task` by which GitHub lists the rows of one list in one request, whatever environment
 * they are in and whatever else the repository deploys.
 */
export function taskOf(list: RowList, config: string): string {
  const key = list === 'locks' ? undefined : fileKey(config)
  return ['zenml-upgrade', list, ...(key === undefined ? [] : [key])].join(':')
}

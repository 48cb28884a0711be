import type { StoppingCode } from '../core/reasons.ts'

export interface Link {
  readonly label: string
  readonly url: string
}

/** Keys of the configuration file that a next step is about. */
export const KEYS = ['zenml', 'environments', 'sources', 'stacks', 'smoke', 'exclude'] as const

/**
 * Where on GitHub the next step is done: the page with the button to re-run the failed jobs, or all
 * jobs; the runs of the workflow; the form that starts it; the configuration file, at its first problem or at a key;
 * the pull request of the run; the promotion, or where it is opened; the secrets of the repository; its settings for Actions.
 */
export type Page =
  | 'rerun'
  | 'rerun-all'
  | 'runs'
  | 'form'
  | 'file'
  | `file-${(typeof KEYS)[number]}`
  | 'pull-request'
  | 'promotion'
  | 'secrets'
  | 'settings'

/** The pages of this run and its repository; one that is not known is left out. */
export type Pages = Readonly<Partial<Record<Page, string>>>

const PAGE_LABELS: Readonly<Record<Page, string>> = {
  rerun: 'Re-run failed jobs',
  'rerun-all': 'Re-run all jobs',
  runs: 'Open the runs',
  form: 'Run workflow',
  file: 'Open the file',
  'file-zenml': 'Open the file',
  'file-environments': 'Open the file',
  'file-sources': 'Open the file',
  'file-stacks': 'Open the file',
  'file-smoke': 'Open the file',
  'file-exclude': 'Open the file',
  'pull-request': 'Open the pull request',
  promotion: 'Open the promotion',
  secrets: 'Open the secrets',
  settings: 'Open the settings',
}

/**
 * The page of what comes next, by what stopped an environment; null where one only waits, or where the
 * page is not known: an input is in the workflow's file, or was typed into its form.
 */
export const PAGE_OF: Readonly<Record<StoppingCode, Page | null>> = {
  'preflight-failed': 'rerun',
  'version-not-found': 'file-zenml',
  'backup-failed': 'rerun',
  'rolled-back': 'form',
  'rollback-refused': 'rerun',
  'rollback-impossible': 'rerun',
  'rollback-failed': 'rerun',
  'upgrade-failed': 'rerun',
  'smoke-failed': 'rerun',
  'no-tests': 'file-smoke',
  'junit-missing': 'file-smoke',
  'smoke-timeout': 'file-smoke',
  'smoke-cached': 'file-smoke',
  'snapshots-failed': 'rerun',
  'snapshots-lost': 'file-exclude',
  'stacks-differ': 'file-stacks',
  'secret-in-output': 'file',
  'internal-error': 'rerun',
  'invalid-input': null,
  'invalid-file': 'file',
  'source-missing': 'file-sources',
  'not-built-yet': 'file',
  'gate-first': 'form',
  locked: 'rerun',
  'server-behind': 'form',
  'server-ahead': 'file-zenml',
  'downgrade-requested': 'file-zenml',
  'version-blocked': 'form',
  'loss-open': 'form',
  'staging-not-green': 'pull-request',
  'staging-moved': 'form',
  'waiting-for-soak': null,
  frozen: null,
  'hold-label': 'pull-request',
  'stacks-not-mirrored': 'rerun-all',
  'approval-rejected': 'rerun-all',
  'proposal-forbidden': 'settings',
  'credentials-refused': 'secrets',
  'server-unreachable': 'rerun',
  'not-a-zenml-server': 'file-environments',
  'unexpected-answer': 'rerun',
  'file-access-failed': 'rerun',
  'github-unreachable': 'rerun',
  'source-unreachable': 'secrets',
  'index-unreachable': 'rerun',
  'parity-unknown': 'rerun-all',
  incomplete: 'rerun',
  'job-failed': 'rerun',
  'counts-decreased': 'form',
  cancelled: 'rerun',
  'job-cancelled': 'rerun',
  interrupted: 'rerun',
}

/** Returns the link to a page; undefined where the page is not known. */
export function linkTo(page: Page | null, pages: Pages): Link | undefined {
  const url = page === null ? undefined : pages[page]
  return page === null || url === undefined ? undefined : { label: PAGE_LABELS[page], url }
}

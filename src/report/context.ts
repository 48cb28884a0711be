import type { Result } from '../result/result.ts'
import type { JobEnd } from './job-end.ts'
import type { Pages } from './pages.ts'
import type { Branches } from './wording.ts'

/** What a report says beyond results. */
export interface ReportContext {
  /** Jobs of the run whose end no result explains. */
  readonly jobs?: readonly JobEnd[]
  readonly branches?: Branches
  /** What earlier runs found out, also about other content: shown with its time, and no evidence. */
  readonly history?: readonly Result[]
  /** Where things are done on GitHub; left out elsewhere. */
  readonly github?: GithubPages | undefined
  /** Path of the configuration file, for command lines. */
  readonly configPath?: string
}

export interface GithubPages {
  readonly pages: Pages
  /** Results of the run whose jobs the pages re-run. */
  readonly results: readonly Result[]
}

import type { Exchange } from './exchange.ts'
import type { State } from './state.ts'

export interface FakeGithubOptions {
  readonly state: State
  /** Left out: any free port. */
  readonly port?: number
  /** `/api/v3` for GitHub Enterprise Server. */
  readonly basePath?: string
  /** Told every exchange, before the answer leaves. */
  readonly onExchange?: (exchange: Exchange) => void
}

export interface FakeGithub {
  /** The API's root, for GITHUB_API_URL. */
  readonly url: string
  readonly state: State
  /** Every exchange, oldest first. */
  readonly requests: readonly Exchange[]
  close(): Promise<void>
}

/** A GitHub of one's own on 127.0.0.1. What is in `state` is what it knows; change it at any time. */
export function startFakeGithub(options: FakeGithubOptions): Promise<FakeGithub> {
  throw new Error(`not yet: ${options.port ?? ''}`)
}

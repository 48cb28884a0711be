/** One request and what was answered. */
export interface Exchange {
  readonly method: string
  /** Path below the API's root, without the query. */
  readonly path: string
  /** The route in GitHub's description; null when the fake does not have it. */
  readonly route: string | null
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** Login of who asked; null without a token. */
  readonly login: string | null
  /** 0 when the connection was cut. */
  readonly status: number
  readonly answerHeaders: Readonly<Record<string, string>>
  readonly answer: unknown
  /** The answer is a fault's, not the fake's own. */
  readonly injected: boolean
  /** The request was carried out. */
  readonly taken: boolean
}

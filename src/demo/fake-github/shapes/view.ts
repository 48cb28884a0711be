import { fullName } from '../actor.ts'
import type { Repository, State } from '../state.ts'

/** What every shape needs: the state, and where the API is reached. */
export interface View {
  readonly state: State
  /** The API's root, no slash at its end. */
  readonly api: string
}

export type Shape = Record<string, unknown>

export function apiUrl({ api }: View, repository: Repository, path: string): string {
  return `${api}/repos/${fullName(repository)}${path}`
}

export function webUrl({ state }: View, repository: Repository, path: string): string {
  return `${state.serverUrl}/${fullName(repository)}${path}`
}

export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64url')
}

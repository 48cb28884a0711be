import type { State } from './state.ts'

/** The state's time in whole seconds, as GitHub tells times. */
export function now(state: State): string {
  const time = state.now === null ? new Date() : new Date(state.now)
  return `${time.toISOString().slice(0, 19)}Z`
}

export function nextId(state: State): number {
  state.nextId += 1
  return state.nextId
}

import type { State } from './state.ts'

/** The state's time in whole seconds, as GitHub tells times. */
export function now(state: State): string {
  return `${new Date(milliseconds(state)).toISOString().slice(0, 19)}Z`
}

/** The state's time in milliseconds since 1970. */
export function milliseconds(state: State): number {
  return state.now === null ? Date.now() : Date.parse(state.now)
}

export function nextId(state: State): number {
  state.nextId += 1
  return state.nextId
}

import type { LeftOut } from '../result/upgrade.ts'
import type { Restored } from '../backup/types.ts'

/** What a restore left out, for the result; null when it left out nothing. */
export function leftOutOf({ leftOut, leftOutFile }: Restored): LeftOut | null {
  return leftOut.length === 0 ? null : { objects: [...leftOut], file: leftOutFile }
}

/** A clause for the summary of a rollback; empty when nothing was left out. */
export function leftOutClause(leftOut: LeftOut | null): string {
  if (leftOut === null) return ''
  const names = leftOut.objects.map(({ kind, name }) => `the ${kind} ${name}`)
  return `; not restored: ${names.join(', ')}`
}

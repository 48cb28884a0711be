import { parseJson } from '../core/json.ts'
import * as z from 'zod'
import { ENVIRONMENTS, type Environment } from '../core/environments.ts'

const seenSchema = z.strictObject({ attempt: z.string().nullable(), at: z.iso.datetime() })
const stampSchema = z.looseObject({
  staging: seenSchema.optional(),
  production: seenSchema.optional(),
})

/**
 * Of each environment that a comment tells about: the newest attempt, and when the newest thing
 * told was found out.
 */
export type Stamp = Readonly<
  Partial<Record<Environment, { readonly attempt: string | null; readonly at: string }>>
>

const LINE = /^<!-- zenml-upgrade-evidence (\{.*\}) -->$/

/** One line that nobody sees. Nothing in it can end the HTML comment. */
export function stampLine(stamp: Stamp): string {
  const known = Object.fromEntries(
    ENVIRONMENTS.flatMap((environment) =>
      stamp[environment] === undefined ? [] : [[environment, stamp[environment]]],
    ),
  )
  const json = JSON.stringify(known).replace(
    /[<>&]|-(?=-)|[^\x20-\x7E]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `<!-- zenml-upgrade-evidence ${json} -->`
}

/** The stamp in a comment; undefined when somebody damaged it. */
export function stampOf(body: string): Stamp | undefined {
  const line = body
    .split(/\r?\n/)
    .map((each) => LINE.exec(each.trim())?.[1])
    .find((each) => each !== undefined)
  const parsed = stampSchema.safeParse(parseJson(line ?? ''))
  if (!parsed.success) return undefined
  const { staging, production } = parsed.data
  return {
    ...(staging === undefined ? {} : { staging }),
    ...(production === undefined ? {} : { production }),
  }
}

/** Environments about which `a` knows something newer than `b`. */
export function newerIn(a: Stamp, b: Stamp): Environment[] {
  return ENVIRONMENTS.filter((environment) => {
    const [mine, other] = [a[environment], b[environment]]
    return mine !== undefined && (other === undefined || Date.parse(mine.at) > Date.parse(other.at))
  })
}

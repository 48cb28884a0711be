// A result may name a next step of its own. Where it is read decides whether it leads the report.

/** A longer next step is in the section of what stopped; the usual one of the code is in front. */
const NEXT_LENGTH = 200

/** Tells whether the own next step of a result leads; otherwise that of its code does. */
export function leads(next: string, onGithub: boolean): boolean {
  return !isPutOff(next, onGithub) && (onGithub || !isForGithub(next))
}

/** Tells whether a next step is in the section of its result instead of in front. */
export function isPutOff(next: string, onGithub: boolean): boolean {
  return next.length > NEXT_LENGTH || (onGithub && isForCommandLine(next))
}

/** Tells whether a next step names what only a command line has. */
export function isForCommandLine(next: string): boolean {
  return /--[a-z]|\brun (this|it|the command) again\b/i.test(next)
}

/** Tells whether a next step names what only GitHub has. */
export function isForGithub(next: string): boolean {
  return /\bscheduled run\b|\bpull request\b|\bfailed jobs\b/i.test(next)
}

/** Tells whether a next step has its command line in it; it needs no second one. */
export function hasCommandLine(next: string): boolean {
  return next.includes('dist/main.cjs')
}

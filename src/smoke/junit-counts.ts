/** What a suite says of itself: the attributes of its element, as they are spelled. */
export interface SuiteClaims {
  readonly tests: string | undefined
  readonly failures: string | undefined
  readonly errors: string | undefined
  readonly skipped: string | undefined
  readonly disabled: string | undefined
}

/** Amounts of one suite with all below it. */
export interface Amounts {
  readonly tests: number
  /** Failures and errors; a runner may count under the one word what it lists under the other. */
  readonly bad: number
  /** Skipped and disabled. */
  readonly idle: number
}

export const NOTHING: Amounts = { tests: 0, bad: 0, idle: 0 }

export function sum(a: Amounts, b: Amounts): Amounts {
  return { tests: a.tests + b.tests, bad: a.bad + b.bad, idle: a.idle + b.idle }
}

/** What a suite claims against what it lists. */
export interface Comparison {
  /** What the suite above has to compare with: each difference is said once, where it begins. */
  readonly accounted: Amounts
  /** null: nothing is missing. */
  readonly problem: string | null
}

/**
 * Compares the counts of a suite with what stands below it. More listed than counted is no problem:
 * many runners count only a part.
 * @param countsMore the runner counts parts of tests that it does not list
 */
export function compareCounts(
  claims: SuiteClaims,
  listed: Amounts,
  countsMore: boolean,
): Comparison {
  const claimed = {
    tests: amount(claims.tests),
    bad: amount(claims.failures) + amount(claims.errors),
    // A runner may count a disabled test as skipped too.
    idle: Math.max(amount(claims.skipped), amount(claims.disabled)),
  }
  const bad = Math.max(claimed.bad, listed.bad)
  const accounted = {
    // A failure that is counted and not listed stands for a test that is not listed.
    tests: Math.max(claimed.tests, listed.tests + bad - listed.bad),
    bad,
    idle: Math.max(claimed.idle, listed.idle),
  }
  const mayCountMore = countsMore && listed.tests > 0
  const problems = [
    ...unreadable(claims),
    ...more(claimed.bad, listed.bad, 'failures and errors'),
    ...more(claimed.idle, listed.idle, 'skipped tests'),
    ...(mayCountMore || bad > listed.bad ? [] : more(claimed.tests, listed.tests, 'tests')),
  ]
  return { accounted, problem: problems.length === 0 ? null : `the suite ${problems.join('; ')}` }
}

function more(claimed: number, listed: number, what: string): string[] {
  return claimed > listed ? [`counts ${claimed} ${what}, and lists ${listed}`] : []
}

function unreadable(claims: SuiteClaims): string[] {
  return Object.entries(claims)
    .filter(([, text]: [string, string | undefined]) => Number.isNaN(read(text)))
    .map(([name, text]: [string, string | undefined]) => `counts "${text ?? ''}" ${name}`)
}

function amount(text: string | undefined): number {
  return read(text) || 0
}

/** NaN for what is no amount; an empty or missing attribute claims nothing. */
function read(text: string | undefined): number {
  const plain = (text ?? '')
    .trim()
    .replace(/^(\d{1,3})((?:,\d{3})+)$/, (all) => all.replaceAll(',', ''))
  if (plain === '') return 0
  return /^\d+(\.0*)?$/.test(plain) ? Number(plain) : Number.NaN
}

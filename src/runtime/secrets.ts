import { OUTPUT_WORDS } from '../core/output-words.ts'
import { classOf, isMaskable, linesOf, redactor, withoutZenmlKeys } from './redaction.ts'

// The secrets of this process. Text from outside loses all of them once, where it enters. What we
// write ourselves is not changed, with one exception: a key that this tool works with must not be
// in it, whatever went wrong.

/** A key of this tool that was about to be written. */
export interface FoundKey {
  /** What the key is called where it comes from, such as `ZENML_STAGING_API_KEY`. */
  readonly key: string
  /** Such as `the result`. */
  readonly where: string
}

interface KeyCheck {
  readonly key: string
  readonly redact: (text: string) => string
}

const UNREGISTERED: KeyCheck = { key: 'an API key of ZenML', redact: withoutZenmlKeys }

const secrets = new Set<string>()
/** Lines of eight characters and more of our own keys, by the name of the key. */
const keys = new Map<string, Set<string>>()
const found = new Map<string, FoundKey>()
let publicText = OUTPUT_WORDS.join('\n')

// Made again after a registration only.
let redactSecrets = redactor(secrets)
let keyChecks: readonly KeyCheck[] = []

/**
 * Names text that results and job outputs are made of, such as the configuration file: the runner
 * is not asked to mask what is part of it. To be called before the first secret is registered.
 */
export function keepUnmasked(text: string): void {
  publicText = `${publicText}\n${text}`
}

/** Registers a secret of the user: from then on {@link redactForeign} takes it out. */
export function registerSecret(value: string | undefined): void {
  const lines = linesOf(value ?? '').filter((line) => !secrets.has(line))
  if (lines.length === 0) return
  for (const line of lines) {
    secrets.add(line)
    mask(line)
  }
  redactSecrets = redactor(secrets)
}

/**
 * Registers a key that this tool works with: a secret, and {@link withoutKeys} finds it in what we
 * write. A key that is shorter than eight characters, or part of a fixed word of the output, cannot
 * be distinguished from it and is not looked for.
 */
export function registerKey(name: string, value: string | undefined): void {
  registerSecret(value)
  const checked = keys.get(name) ?? new Set()
  const lines = linesOf(value ?? '').filter(
    (line) => classOf(line) === 'everywhere' && !isOutputWord(line) && !checked.has(line),
  )
  if (lines.length === 0) return
  keys.set(name, new Set([...checked, ...lines]))
  keyChecks = [...keys].map(([key, values]) => ({ key, redact: redactor(values) }))
}

function isOutputWord(line: string): boolean {
  return OUTPUT_WORDS.some((word) => word.includes(line))
}

/**
 * Asks GitHub's runner to mask a line of a secret in everything that the job prints. Elsewhere the
 * request itself would print it.
 */
function mask(line: string): void {
  if (process.env['GITHUB_ACTIONS'] === 'true' && isMaskable(line, publicText))
    process.stdout.write(`::add-mask::${escaped(line)}\n`)
}

/**
 * A command to the runner is one line: what comes after its end would stand in the log, unmasked.
 */
function escaped(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/**
 * Takes every known secret out of text from outside: output of a program, answer of a server,
 * content of a file. To be called once, where the text enters and before any of it is cut off.
 */
export function redactForeign(text: string): string {
  return withoutZenmlKeys(redactSecrets(text))
}

/**
 * Checks text that is about to be written for our own keys. Finding one is a defect: it is taken
 * out, and {@link foundKeys} makes the command fail at its end.
 */
export function withoutKeys(text: string, where: string): string {
  return [...keyChecks, UNREGISTERED].reduce((clean, { key, redact }) => {
    const redacted = redact(clean)
    if (redacted !== clean) found.set(`${key} ${where}`, { key, where })
    return redacted
  }, text)
}

/**
 * Checks plain data in the same way, each text and each name of a property: a renderer escapes and
 * breaks a text, and a key in it is no longer found then. An object that is in the data twice is
 * one object in what is returned, too.
 */
export function withoutKeysIn<T>(data: T, where: string): T {
  const copies = new Map<object, unknown>()
  const checked = (value: unknown): unknown => {
    if (typeof value === 'string') return withoutKeys(value, where)
    if (typeof value !== 'object' || value === null) return value
    const copy = copies.get(value) ?? copied(value, checked, where)
    copies.set(value, copy)
    return copy
  }
  return checked(data) as T
}

function copied(value: object, checked: (part: unknown) => unknown, where: string): unknown {
  if (Array.isArray(value)) return value.map(checked)
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([name, part]) => [withoutKeys(name, where), checked(part)]),
  )
}

/** Lists the keys that {@link withoutKeys} has found so far, each once for each place. */
export function foundKeys(): readonly FoundKey[] {
  return [...found.values()]
}

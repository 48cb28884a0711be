// Every secret is registered before its first use; from then on it never leaves in a line of ours.

const known = new Set<string>()
/** A shorter value would blank half of the log and protect nothing. */
const SHORTEST = 4

/**
 * Registers a secret. Also its URL-encoded spelling, because that is how it appears inside a
 * connection URL.
 */
export function registerSecret(value: string | undefined): void {
  if (value === undefined) return
  for (const line of [value, ...value.split('\n')].map((part) => part.trim())) {
    if (line.length < SHORTEST || known.has(line)) continue
    known.add(line)
    known.add(encodeURIComponent(line))
    // As it stands inside JSON: results and records are redacted as text.
    known.add(JSON.stringify(line).slice(1, -1))
    // GitHub's runner masks it in everything the job prints, also in what our child processes
    // print.
    if (process.env['GITHUB_ACTIONS'] === 'true')
      process.stdout.write(`::add-mask::${escaped(line)}\n`)
  }
}

/**
 * A command to the runner is one line: what comes after its end would stand in the log, unmasked.
 */
function escaped(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Registers the password inside a connection URL such as `mysql://user:password@host/db`. */
export function registerUrlSecret(url: string | undefined): void {
  if (url === undefined || !URL.canParse(url)) return
  const { password } = new URL(url)
  registerSecret(password)
  try {
    registerSecret(decodeURIComponent(password))
  } catch {
    // A percent sign that encodes nothing stands for itself; that spelling is registered already.
  }
}

export function redact(text: string): string {
  let clean = text
  for (const secret of [...known].sort((a, b) => b.length - a.length))
    clean = clean.replaceAll(secret, '***')
  // Keys of ZenML have a prefix of their own; one that nobody registered must not leave either.
  return clean.replace(/\bZEN(?:PRO)?KEY_[A-Za-z0-9+/=_-]+/g, '***')
}

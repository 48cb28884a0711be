// What a secret looks like when it stands in a text file. Names of variables (`$PASSWORD`,
// `${PASSWORD}`) are no secrets.
const SHAPES: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'a URL with a password',
    pattern: /\b[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/[^\s/:@'"]*:(?!\$)[^\s/'"]+@/g,
  },
  // An all-capitals word after the prefix is the name of a variable, e.g. ZENKEY_STAGING; a key is
  // base64.
  {
    what: 'a key of ZenML',
    pattern: /\bZEN(?:PRO)?KEY_(?=[A-Z_]*[a-z0-9+/=])[A-Za-z0-9+/=_-]{6,}/g,
  },
  {
    what: 'a token of GitHub',
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{6,}|github_pat_[A-Za-z0-9_]{6,})/g,
  },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
]

export interface SecretFound {
  readonly offset: number
  /** What it looks like; never the secret itself. */
  readonly what: string
}

export function findSecrets(text: string): SecretFound[] {
  return SHAPES.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ offset: match.index, what })),
  )
}

/** The text with everything that looks like a secret replaced, for messages that quote the file. */
export function withoutSecrets(text: string): string {
  return SHAPES.reduce((clean, { pattern }) => clean.replace(pattern, '***'), text)
}

/**
 * Lists the passwords in the URLs of a value, one or several with blanks between them, each also
 * decoded.
 */
export function urlPasswords(value: string): string[] {
  return withDecoded(
    value.split(/\s+/).flatMap((word) => [
      URL.canParse(word) ? new URL(word).password : '',
      // SQLAlchemy ends a password at the first `@`, and takes characters that a URL must escape.
      /^(?!https?:)[\w+.-]+:\/\/[^:/@]*:([^@]*)@/i.exec(word)?.[1] ?? '',
    ]),
  )
}

/**
 * Lists the passwords of a data source name that is no URL: `user:password@tcp(host)/database`, or
 * fields such as `password=…`.
 */
export function dsnPasswords(value: string): string[] {
  return withDecoded([
    /^[^:/@\s]+:([^@]+)@/.exec(value)?.[1] ?? '',
    /(?:^|[\s;])(?:password|pwd)=([^\s;]+)/i.exec(value)?.[1] ?? '',
  ])
}

function withDecoded(found: readonly string[]): string[] {
  const passwords = found.filter((password) => password !== '')
  return [...new Set(passwords.flatMap((password) => [password, decoded(password)]))]
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password)
  } catch {
    // A per cent sign that is none of an escape stands for itself.
    return password
  }
}

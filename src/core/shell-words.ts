/** A word as a POSIX shell reads it back unchanged; plain words stay as they are. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** A command line that a person can copy. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/**
 * The same text in which no line is a command to GitHub's runner, which takes one for every line
 * that begins with `::`, behind spaces too.
 */
export function withoutCommands(text: string): string {
  return text.replaceAll(/^(?=[^\S\n]*::)/gm, '\u200B')
}

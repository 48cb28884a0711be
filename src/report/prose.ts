// What every renderer finds in a text before it escapes it in its own way.

/**
 * An address, which as text would become a link, and what the writer put in backticks: both are
 * shown as code and stay copyable.
 */
const CODE = /((?<![A-Za-z0-9])[a-z][a-z0-9+.-]{0,30}:\/\/[^\s)\]>"'`]+|(?<!`)`[^`\s][^`]*`(?!`))/i

export interface ProsePart {
  readonly text: string
  readonly isCode: boolean
}

/** Splits a sentence into prose and code; the backticks around code are left out. */
export function proseParts(sentence: string): ProsePart[] {
  return sentence
    .split(CODE)
    .map((part, index) =>
      index % 2 === 1
        ? { text: part.replace(/^`(.*)`$/, '$1'), isCode: true }
        : { text: part, isCode: false },
    )
    .filter(({ text }) => text !== '')
}

/** Returns the address in its normal spelling; undefined if it is no web address. */
export function webAddress(address: string): string | undefined {
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address).href : undefined
}

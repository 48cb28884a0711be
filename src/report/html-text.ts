import { oneLine, visible } from '../core/text.ts'
import { proseParts, webAddress } from './prose.ts'

/** A piece of HTML that was written here: nothing from outside is markup in it. */
export interface Html {
  readonly html: string
}

type Filling = string | number | Html | readonly Html[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Fills a template: strings are escaped, lists are joined, and HTML is taken as it is, so that text
 * from outside cannot be left unescaped by mistake.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Filling[]): Html {
  const filled = parts.map((part, index) => part + htmlOf(values[index] ?? ''))
  return { html: filled.join('') }
}

function htmlOf(value: Filling): string {
  if (typeof value === 'number') return `${value}`
  if (typeof value === 'string') return visible(value).replace(/[&<>"']/g, entityOf)
  return 'html' in value ? value.html : value.map(({ html }) => html).join('')
}

function entityOf(character: string): string {
  return ENTITIES[character] ?? ''
}

/** Shows a sentence; addresses and what is in backticks are code in it. */
export function prose(sentence: string): Html {
  const parts = proseParts(oneLine(sentence)).map(({ text, isCode }) =>
    isCode ? markup`<code>${text}</code>` : markup`${text}`,
  )
  return markup`${parts}`
}

/** Shows a name from anywhere. */
export function code(name: string): Html {
  const shown = oneLine(name)
  return shown === '' ? markup`<em>(empty)</em>` : markup`<code>${shown}</code>`
}

/** Links a web address; of any other the label is shown alone. */
export function link(label: Html, address: string): Html {
  const url = webAddress(address)
  return url === undefined ? label : markup`<a href="${url}">${label}</a>`
}

import { format, resolveConfig } from 'prettier'

/** A generated text as `npm run format` leaves it; `path` selects the parser and the options. */
export async function formatted(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path })
}

/**
 * Lists how a secret can be spelled in the output of programs: as it is, in JSON and Python
 * literals, in URLs and forms, and inside base64.
 */
export function spellingsOf(value: string): string[] {
  return [...new Set([...literalSpellings(value), ...base64Spellings(value)])]
}

/** Lists the spellings that keep the characters apart: all but base64. */
export function literalSpellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1)
  const ascii = asciiOnly(json)
  // Go escapes what has a meaning in HTML.
  const go = json.replace(/[<>&]/g, unicodeEscape)
  const python = [json, ascii].map((text) => text.replaceAll('\\"', '"'))
  const url = encodeURIComponent(value)
  const strict = url.replace(/[!'()*]/g, (char) => `%${hex(char, 2).toUpperCase()}`)
  const urls = [url, strict, strict.replaceAll('%2F', '/'), strict.replaceAll('%20', '+')]
  const lower = urls.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
  return [...new Set([value, json, ascii, go, ...python, ...urls, ...lower])]
}

/** Python's `json.dumps` and its like write nothing but ASCII. */
function asciiOnly(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, unicodeEscape)
}

function unicodeEscape(char: string): string {
  return `\\u${hex(char, 4)}`
}

function hex(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, '0')
}

/**
 * What stands for the value in base64, also as a part of a longer text. Three bytes are four
 * characters, so it depends on where in its group of three the value begins. Characters at the ends
 * that also depend on the neighbours of the value are left out: they say six bits at most.
 */
function base64Spellings(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)])
    const from = Math.ceil((before * 8) / 6)
    const to = Math.floor((bytes.length * 8) / 6)
    return [bytes.toString('base64'), bytes.toString('base64url')].map((text) =>
      text.slice(from, to),
    )
  })
}

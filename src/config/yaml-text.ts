import { Lexer, LineCounter, parseDocument, type YAMLError } from 'yaml'
import { MOST_ALIASES, YamlDocument } from './document.ts'
import type { ConfigProblem } from './problem.ts'

/** Far above every honest file, far below what costs minutes to read. */
export const LARGEST_FILE_BYTES = 512 * 1024
const DEEPEST = 64
const WIDEST_INDENTATION = 200

export type Parsed =
  | { readonly document: YamlDocument; readonly data: unknown }
  | { readonly document: undefined; readonly problems: readonly ConfigProblem[] }

/**
 * Reads YAML text; what is not YAML, or is made to exhaust a reader, comes back as problems. Never
 * throws.
 */
export function parseYaml(text: string): Parsed {
  if (Buffer.byteLength(text) > LARGEST_FILE_BYTES)
    return refusal(`is larger than ${LARGEST_FILE_BYTES / 1024} KiB`)
  const excess = excessive(text)
  if (excess !== undefined) return refusal(excess.message, excess.line)

  const lines = new LineCounter()
  // No pretty errors: they quote lines of the file, and a line may hold a secret. Keys given twice
  // are reported with their path later.
  const parsed = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  })
  const errors = [...parsed.errors, ...parsed.warnings]
  if (errors.length > 0) return { document: undefined, problems: syntaxProblems(errors, lines) }
  return plainData(new YamlDocument(parsed, lines))
}

function refusal(message: string, line = 1): Parsed {
  return { document: undefined, problems: [{ line, column: 1, path: '', message }] }
}

/**
 * One slip makes the parser stumble over the rest of the line as well: the first error of a line
 * says it.
 */
function syntaxProblems(
  errors: readonly Pick<YAMLError, 'code' | 'pos' | 'message'>[],
  lines: LineCounter,
): ConfigProblem[] {
  const byLine = new Map<number, ConfigProblem>()
  for (const { code, pos, message } of errors) {
    const { line, col } = lines.linePos(pos[0])
    if (byLine.has(line)) continue
    byLine.set(line, {
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: '',
      message:
        code === 'MULTIPLE_DOCS'
          ? 'holds more than one document; write one, without ---'
          : `is not valid YAML: ${lowerFirst(message)}`,
    })
  }
  return [...byLine.values()]
}

/** Resolves the aliases of a document. */
function plainData(document: YamlDocument): Parsed {
  const broken = document.brokenAliases()
  if (broken.length > 0) return { document: undefined, problems: broken }
  try {
    return { document, data: document.data() }
  } catch (cause) {
    return refusal(
      cause instanceof ReferenceError
        ? `has more than ${MOST_ALIASES} aliases, counting those inside aliases`
        : 'cannot be read as plain data',
    )
  }
}

// The parser recurses, and near the end of the stack V8 may end the whole process. So depth is
// measured by the lexer, which does not. To look up an alias costs a walk over the whole file, so
// they are counted too.
function excessive(text: string): { line: number; message: string } | undefined {
  const deep = `is nested deeper than ${DEEPEST} levels`
  let line = 1
  let brackets = 0
  let indicators = 0
  let aliases = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets += 1
    else if (token === ']' || token === '}') brackets -= 1
    else if (token === '-' || token === '?') indicators += 1
    else if (token.includes('\n')) {
      line += token.split('\n').length - 1
      indicators = 0
    } else if (token.startsWith('*')) aliases += 1
    else if (token.length > WIDEST_INDENTATION && /^ +$/.test(token)) return { line, message: deep }
    if (brackets > DEEPEST || indicators > DEEPEST) return { line, message: deep }
    if (brackets < 0)
      return { line, message: `is not valid YAML: ${token} without the bracket that opens it` }
    if (aliases > MOST_ALIASES) return { line, message: `has more than ${MOST_ALIASES} aliases` }
  }
  return undefined
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

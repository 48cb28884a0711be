import { resolve } from 'node:path'
import { Stop } from '../core/stop.ts'
import { valueAt } from './data.ts'
import type { YamlDocument } from './document.ts'
import { docsUrl } from '../core/docs-url.ts'
import { explain, sentence } from './explain.ts'
import { findNotBuilt } from './not-built.ts'
import { InvalidConfig, type ConfigProblem, type Path } from './problem.ts'
import { readTextFile, type FileText } from './read-file.ts'
import { breaches } from './rules.ts'
import { configSchema, type Config } from './schema.ts'
import { findSecrets } from './secret-text.ts'
import { readVersion, type VersionPlace } from './target-version.ts'
import { parseYaml } from './yaml-text.ts'

/**
 * A file whose target version is known: `zenml: {from, path}` has been read and replaced by the
 * version.
 */
export type LoadedConfig = Config & { readonly zenml: string }

/** The smallest file that is valid; shown to those who have none. */
export const SMALLEST_FILE = `zenml: 0.98.0
environments:
  staging:
    server: https://staging.zenml.example.com
    deploy: { command: { deploy: ./deploy.sh staging } }
  production:
    server: https://zenml.example.com
    deploy: { command: { deploy: ./deploy.sh production } }
`

const CORRECT = `Correct the file; ${docsUrl('configuration')} lists every key.`
const WAIT = 'Take it out of the file, or use a version of zenml-upgrade that has it.'
const WRITE = `Let the command init write it, or write it by hand. The smallest file is:\n\n${SMALLEST_FILE}`

/** Reads a file by its path; handed in, because a file may lie in another commit. */
export type ReadFile = (path: string) => Promise<FileText>

/**
 * Reads and checks a configuration file, and the file that `zenml: {from, path}` names.
 * `shownAs` is how messages name the file; a path relative to the repository makes them links.
 * Throws InvalidConfig with every problem at once: `invalid-file`, or `not-built-yet` when the file
 * only asks for what is still to come.
 */
export async function loadConfig(
  path: string,
  shownAs = path,
  readFile: ReadFile = readTextFile,
): Promise<LoadedConfig> {
  const read = await readFile(path)
  if (read.text === undefined) {
    const why = read.missing ? `does not exist; looked for it as ${resolve(path)}` : read.why
    throw new InvalidConfig(
      'invalid-file',
      shownAs,
      [{ line: 1, column: 1, path: '', message: why }],
      read.missing ? WRITE : CORRECT,
      read.cause,
    )
  }
  const examined = examine(read.text)
  const place = versionPlace(examined.data)
  const found = place === undefined ? undefined : await readVersion(place, path, shownAs, readFile)
  if (found !== undefined && found.version === undefined && examined.document !== undefined) {
    examined.problems.push(examined.document.problem(['zenml', found.which], found.message))
  }
  const config = conclude(examined, shownAs)
  const zenml = found?.version ?? config.zenml
  if (typeof zenml !== 'string')
    throw new Stop(
      'internal-error',
      `${shownAs} was accepted, but it does not say which version to deploy`,
    )
  return { ...config, zenml }
}

/**
 * Checks the text of a configuration file; `path` is for messages only. Throws InvalidConfig, as
 * `loadConfig` does.
 */
export function parseConfig(text: string, path: string): Config {
  return conclude(examine(text), path)
}

interface Examined {
  readonly data: unknown
  readonly document: YamlDocument | undefined
  readonly config: Config | undefined
  readonly problems: ConfigProblem[]
  readonly notBuilt: readonly ConfigProblem[]
  readonly next: string
}

function examine(text: string): Examined {
  const nothing = {
    data: undefined,
    document: undefined,
    config: undefined,
    notBuilt: [],
    next: CORRECT,
  }
  const parsed = parseYaml(text)
  if (parsed.document === undefined) {
    return { ...nothing, problems: [...parsed.problems, ...secretProblems(text)] }
  }
  const { document } = parsed
  if (parsed.data === null || parsed.data === undefined) {
    return {
      ...nothing,
      problems: [document.problem([], 'is empty'), ...secretProblems(text, document)],
      next: WRITE,
    }
  }
  const { data, config, problems } = judge(document)
  const place = ({ path, message }: { path: Path; message: string }): ConfigProblem =>
    document.problem(path, message)
  const notBuilt = findNotBuilt(data).map(place)
  const found = [
    ...document.brokenKeys(),
    ...problems,
    ...breaches(data, (path) => document.line(path)).map(place),
  ]
  return {
    data,
    document,
    config,
    // Whoever has to take a part out need not hear what is wrong in it; a secret there is out all
    // the same.
    problems: [
      ...found.filter(({ path }) => !notBuilt.some((part) => isWithin(path, part.path))),
      ...secretProblems(text, document),
    ],
    notBuilt,
    next: CORRECT,
  }
}

function isWithin(path: string, part: string): boolean {
  return path === part || path.startsWith(`${part}.`)
}

/**
 * Judges by the schema. A misspelt key is reported, then read as what was meant, so that what
 * stands below it is judged as well.
 */
function judge(document: YamlDocument): {
  data: unknown
  config: Config | undefined
  problems: ConfigProblem[]
} {
  const spelling: ConfigProblem[] = []
  for (;;) {
    const data = document.data()
    const result = configSchema.safeParse(data, { error: sentence })
    if (result.success) return { data, config: result.data, problems: spelling }
    const { problems, misspelt } = explain(result.error.issues, data, document)
    if (misspelt.length === 0)
      return { data, config: undefined, problems: [...spelling, ...problems] }
    for (const { parent, wrong, right, problem } of misspelt) {
      spelling.push(problem)
      document.rename(parent, wrong, right)
    }
  }
}

/** Over the text, not the data: a secret in a comment is in Git's history just the same. */
function secretProblems(text: string, document?: YamlDocument): ConfigProblem[] {
  return findSecrets(text).map(({ offset, what }) => {
    const message = `${what} must not stand in the file; put it into an environment variable, name that here, and replace the secret: it is in the history of Git`
    if (document !== undefined) return document.problemAt(offset, message)
    const before = text.slice(0, offset).split('\n')
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, path: '', message }
  })
}

function conclude({ config, problems, notBuilt, next }: Examined, path: string): Config {
  if (problems.length === 0 && notBuilt.length > 0)
    throw new InvalidConfig('not-built-yet', path, notBuilt, WAIT)
  if (problems.length > 0 || config === undefined)
    throw new InvalidConfig('invalid-file', path, [...problems, ...notBuilt], next)
  return config
}

function versionPlace(data: unknown): VersionPlace | undefined {
  const [from, path] = [valueAt(data, ['zenml', 'from']), valueAt(data, ['zenml', 'path'])]
  return typeof from === 'string' && from !== '' && typeof path === 'string' && path !== ''
    ? { from, path }
    : undefined
}

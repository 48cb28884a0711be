import { isMapping, listOf, mappingOf, valueAt, type Mapping } from './data.ts'
import { BACKUP_KINDS, DEPLOY_DRIVERS } from './drivers.ts'
import { didYouMean } from '../core/did-you-mean.ts'
import { BUILT_BACKUPS, BUILT_DRIVERS, orList } from './not-built.ts'
import { quoted, type Path } from './problem.ts'
import { ENVIRONMENTS } from '../core/environments.ts'

export interface Finding {
  readonly path: Path
  readonly message: string
}

/** The line of the file on which something stands, for messages that point at another place. */
type LineOf = (path: Path) => number

/**
 * Rules that tie keys together. They read plain data, so that they speak also when something else
 * in the file is wrong.
 */
export function breaches(file: unknown, lineOf: LineOf): Finding[] {
  return [
    ...ENVIRONMENTS.flatMap((environment) => environmentRules(file, ['environments', environment])),
    ...sameServer(file, lineOf),
    ...sourceRules(file),
    ...smokeSources(file),
    ...twice(file, 'projects', text, lineOf),
    ...twice(file, 'sources', nameOf, lineOf),
    ...twice(file, 'smoke', suiteIdentity, lineOf),
    ...twice(file, 'schedules', nameOf, lineOf),
    ...ambiguousSnapshots(file, lineOf),
  ]
}

function environmentRules(file: unknown, at: Path): Finding[] {
  const environment = mappingOf(valueAt(file, at))
  const { deploy, backup } = environment
  const findings = [
    ...exactlyOne(deploy, [...at, 'deploy'], 'driver', Object.keys(DEPLOY_DRIVERS), BUILT_DRIVERS),
    ...exactlyOne(
      backup,
      [...at, 'backup'],
      'kind of backup',
      Object.keys(BACKUP_KINDS),
      BUILT_BACKUPS,
    ),
  ]
  if (
    Object.hasOwn(mappingOf(backup), 'managed') &&
    isMapping(deploy) &&
    !Object.hasOwn(deploy, 'pro')
  ) {
    findings.push({
      path: [...at, 'backup', 'managed'],
      message: 'goes only with the driver pro; a server of your own needs a backup of your own',
    })
  }
  const mysql = mappingOf(mappingOf(backup)['mysql'])
  const scratch = mysql['scratch-url-env']
  if (mysql['verify'] === 'restore' && scratch === undefined) {
    findings.push({
      path: [...at, 'backup', 'mysql', 'verify'],
      message:
        'restore needs scratch-url-env: the name of the environment variable with the address of a scratch database',
    })
  }
  if (scratch !== undefined && scratch === (mysql['url-env'] ?? 'ZENML_DATABASE_URL')) {
    findings.push({
      path: [...at, 'backup', 'mysql', 'scratch-url-env'],
      message:
        "must not be the variable of the server's own database: the scratch database is overwritten",
    })
  }
  return findings
}

function exactlyOne(
  value: unknown,
  path: Path,
  what: string,
  known: readonly string[],
  built: readonly string[],
): Finding[] {
  if (!isMapping(value)) return []
  // An unknown name is reported as that; a known one without settings is still a choice.
  const chosen = Object.keys(value)
  const named = chosen.filter((name) => known.includes(name))
  if (chosen.length === 0)
    return [{ path, message: `must name exactly one ${what}: ${orList(built)}` }]
  if (named.length > 1)
    return [{ path, message: `must name exactly one ${what}, not ${named.join(' and ')}` }]
  return []
}

/** An address that was copied and not changed would upgrade production as staging. */
function sameServer(file: unknown, lineOf: LineOf): Finding[] {
  const [staging, production] = ENVIRONMENTS.map((environment) =>
    text(valueAt(file, ['environments', environment, 'server']))?.replace(/\/+$/, ''),
  )
  if (staging === undefined || staging !== production) return []
  return [
    {
      path: ['environments', 'production', 'server'],
      message: `is the address of staging too, on line ${lineOf(['environments', 'staging', 'server'])}; the two are different servers`,
    },
  ]
}

function sourceRules(file: unknown): Finding[] {
  return listOf(valueAt(file, ['sources'])).flatMap((value, index): Finding[] => {
    const { repository, ref } = mappingOf(value)
    return ref !== undefined && repository === undefined
      ? [
          {
            path: ['sources', index, 'ref'],
            message:
              'goes only with repository: the code of this repository is that of the commit that is deployed',
          },
        ]
      : []
  })
}

function smokeSources(file: unknown): Finding[] {
  const sources = valueAt(file, ['sources'])
  const names =
    sources === undefined
      ? ['default']
      : listOf(sources)
          .map(nameOf)
          .filter((name) => name !== undefined)
  // A source without a usable name is a problem of its own; until it is solved nobody can say what
  // a suite means.
  if (names.length === 0 || (sources !== undefined && names.length < listOf(sources).length))
    return []
  const known = [...new Set(names)]
  return listOf(valueAt(file, ['smoke'])).flatMap((suite, index): Finding[] => {
    const { source } = mappingOf(suite)
    if (isMapping(suite) && source === undefined && known.length > 1) {
      return [
        {
          path: ['smoke', index],
          message: `needs a source, because there are several: ${orList(known.map(quoted))}`,
        },
      ]
    }
    if (typeof source !== 'string' || known.includes(source)) return []
    return [
      {
        path: ['smoke', index, 'source'],
        message: `must be the name of a source (${orList(known.map(quoted))}), not ${quoted(source)}${didYouMean(source, known)}`,
      },
    ]
  })
}

/**
 * Entries of a list that say the same. `identity` is undefined for an entry that is wrong in
 * itself.
 */
function twice(
  file: unknown,
  key: string,
  identity: (entry: unknown) => string | undefined,
  lineOf: LineOf,
): Finding[] {
  const first = new Map<string, number>()
  return listOf(valueAt(file, [key])).flatMap((entry, index): Finding[] => {
    const id = identity(entry)
    const earlier = id === undefined ? undefined : first.get(id)
    if (id !== undefined && earlier === undefined) first.set(id, index)
    return earlier === undefined
      ? []
      : [
          {
            path: [key, index],
            message: `stands twice in the list, first on line ${lineOf([key, earlier])}`,
          },
        ]
  })
}

/** Two entries for one name are fine only if a project or a pipeline keeps them apart. */
function ambiguousSnapshots(file: unknown, lineOf: LineOf): Finding[] {
  const byName = new Map<string, { index: number; entry: Mapping }[]>()
  return listOf(valueAt(file, ['snapshots'])).flatMap((value, index): Finding[] => {
    const entry = mappingOf(value)
    const name = text(entry['name'])
    if (name === undefined) return []
    const namesakes = byName.get(name) ?? []
    byName.set(name, [...namesakes, { index, entry }])
    const apart = (other: Mapping): boolean =>
      ['project', 'pipeline'].some(
        (key) => entry[key] !== undefined && other[key] !== undefined && entry[key] !== other[key],
      )
    const same = namesakes.find(({ entry: other }) => !apart(other))
    if (same === undefined) return []
    return [
      {
        path: ['snapshots', index],
        message: `may be the same snapshot as the entry on line ${lineOf(['snapshots', same.index])}; tell them apart by pipeline or project`,
      },
    ]
  })
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function nameOf(entry: unknown): string | undefined {
  return text(mappingOf(entry)['name'])
}

function suiteIdentity(entry: unknown): string | undefined {
  const { source, command } = mappingOf(entry)
  return typeof command === 'string' ? JSON.stringify([source, command]) : undefined
}

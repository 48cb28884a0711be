// Reads the answer of `SHOW GRANTS` as MySQL and MariaDB themselves apply it to one database.

export interface GrantContext {
  /** Name of the database. */
  readonly database: string
  /** MySQL's `partial_revokes` is on: names of databases have no wildcards. */
  readonly partialRevokes: boolean
  /** `lower_case_table_names` is not 0. */
  readonly ignoreCase: boolean
}

/** Rights of a user on one database, those on the whole server included. */
export interface DatabaseRights {
  has(right: string): boolean
  /** Rights on the whole server. */
  hasOnServer(right: string): boolean
}

interface Grant {
  readonly verb: 'GRANT' | 'REVOKE'
  readonly rights: readonly string[]
  /** `*` or the pattern of a database. */
  readonly database: string
  readonly grantee: string
}

/** What `ALL PRIVILEGES` does not include, and what no list of rights spells. */
const NOT_IN_ALL = ['GRANT OPTION', 'PROXY']

/**
 * Reads the lines of `SHOW GRANTS`, those of active roles among them. Grants on single tables,
 * columns, and routines say nothing about a database.
 */
export function rightsOn(lines: readonly string[], context: GrantContext): DatabaseRights {
  const grants = lines.flatMap((line) => parseGrant(line) ?? [])
  const onServer = new Set<string>()
  const onDatabase = new Set<string>()
  for (const grantee of new Set(grants.map((grant) => grant.grantee))) {
    const own = grants.filter((grant) => grant.grantee === grantee)
    const server = own.filter(({ verb, database }) => verb === 'GRANT' && database === '*')
    const revoked = own
      .filter(({ verb, database }) => verb === 'REVOKE' && sameName(database, context))
      .flatMap(({ rights }) => rights)
    for (const right of server.flatMap(({ rights }) => rights)) {
      onServer.add(right)
      if (!revoked.includes(right)) onDatabase.add(right)
    }
    for (const right of grantThatCounts(own, context)?.rights ?? []) onDatabase.add(right)
  }
  const within = (rights: ReadonlySet<string>) => (right: string) =>
    rights.has(right) || (rights.has('ALL PRIVILEGES') && !NOT_IN_ALL.includes(right))
  return { has: within(onDatabase), hasOnServer: within(onServer) }
}

/**
 * The servers apply one grant on databases for each user and role: a name without wildcards, else the
 * pattern whose first wildcard comes last.
 */
function grantThatCounts(grants: readonly Grant[], context: GrantContext): Grant | undefined {
  return grants
    .filter(
      ({ verb, database }) => verb === 'GRANT' && database !== '*' && matches(database, context),
    )
    .sort((a, b) => specificity(b.database, context) - specificity(a.database, context))[0]
}

const TARGET = '(\\*|[`"](?:[^`"]|``|"")+[`"])\\.(\\*|[`"](?:[^`"]|``|"")+[`"])'
const GRANT = new RegExp(`^(GRANT|REVOKE) (.+?) ON ${TARGET} (?:TO|FROM) (\\S+)`)

function parseGrant(line: string): Grant | undefined {
  const [, verb, rights = '', database = '', table, grantee = ''] = GRANT.exec(line) ?? []
  if ((verb !== 'GRANT' && verb !== 'REVOKE') || table !== '*') return undefined
  return {
    verb,
    rights: rights.split(',').map((right) => right.trim().toUpperCase()),
    database:
      database === '*' ? '*' : database.slice(1, -1).replaceAll(/``|""/g, (two) => two[0] ?? ''),
    grantee,
  }
}

function matches(pattern: string, context: GrantContext): boolean {
  if (context.partialRevokes) return sameName(pattern, context)
  const parts = partsOf(pattern).map(({ text, wild }) =>
    !wild ? text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : text === '%' ? '.*' : '.',
  )
  return new RegExp(`^${parts.join('')}$`, context.ignoreCase ? 'isu' : 'su').test(context.database)
}

function sameName(name: string, { database, ignoreCase }: GrantContext): boolean {
  const plain = partsOf(name)
    .map(({ text }) => text)
    .join('')
  return ignoreCase ? plain.toLowerCase() === database.toLowerCase() : plain === database
}

/** Position of the first wildcard; infinite without one. */
function specificity(pattern: string, { partialRevokes }: GrantContext): number {
  const first = partialRevokes ? -1 : partsOf(pattern).findIndex(({ wild }) => wild)
  return first === -1 ? Infinity : first
}

/** Characters of a pattern; a backslash takes its meaning from the next one. */
function partsOf(pattern: string): { text: string; wild: boolean }[] {
  return [...pattern.matchAll(/\\([\s\S])|([\s\S])/gu)].map(([, escaped, plain = '']) =>
    escaped === undefined
      ? { text: plain, wild: plain === '%' || plain === '_' }
      : { text: escaped, wild: false },
  )
}

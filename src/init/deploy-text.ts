import type { BackupKind, DeployDriver } from '../config/drivers.ts'
import { BUILT_BACKUPS, BUILT_DRIVERS } from '../config/not-built.ts'
import type { ServerFacts } from './facts.ts'

/** Behind a value that init cannot know; whoever reads the file fills it in. */
export const CHANGE = '# change'

/** What the texts need to know of a server. */
export type DescribedServer = Pick<ServerFacts, 'environment' | 'url' | 'database' | 'workspace'>

type Lines = (server: DescribedServer) => readonly string[]

/** How each driver that is built is written, below `deploy:`. */
export const DEPLOY_TEXTS: Partial<Readonly<Record<DeployDriver, Lines>>> = {
  local: (server) => [
    'local:',
    `  directory: /srv/zenml/${server.environment} ${CHANGE}: where the server keeps its versions and data`,
    `  port: ${portOf(server.url)}`,
    ...(backupKind(server) === 'mysql' ? ['  database-url-env: ZENML_DATABASE_URL'] : []),
  ],
  command: ({ environment }) => [
    'command:',
    `  deploy: ./deploy.sh ${environment} "$TARGET_VERSION" ${CHANGE}: brings the server to TARGET_VERSION`,
    `  rollback: ./deploy.sh ${environment} "$PREVIOUS_VERSION" ${CHANGE}: back to PREVIOUS_VERSION, after the database was restored`,
    `  stop: ./stop.sh ${environment} ${CHANGE}: stops the server, so that nothing writes while it is restored`,
  ],
  gitops: () => [
    'gitops:',
    `  tool: argocd ${CHANGE}: argocd or flux`,
    `  name: zenml ${CHANGE}: its application or Helm release`,
  ],
}

/** What stands below `deploy:`. A driver that is not built yet is stood in for by commands. */
export function deployLines(driver: DeployDriver, server: ServerFacts): string[] {
  const lines = DEPLOY_TEXTS[driver]
  if (lines !== undefined && BUILT_DRIVERS.includes(driver)) return [...lines(server)]
  return [
    `# The driver ${driver} is not built yet; until it is, commands of yours do its work.`,
    ...(DEPLOY_TEXTS.command?.(server) ?? []),
  ]
}

const destination: Lines = ({ environment }) => [
  `  to: /mnt/backups/zenml/${environment} ${CHANGE}: a place that outlives this machine; a GitHub-hosted runner has none`,
]

/** How each kind of backup that suits a server is written, below `backup:`. */
export const BACKUP_TEXTS: Partial<Readonly<Record<BackupKind, Lines>>> = {
  sqlite: (server) => [
    'sqlite:',
    `  path: /srv/zenml/${server.environment}/zenml.db ${CHANGE}: the SQLite file of the server`,
    ...destination(server),
  ],
  mysql: (server) => [
    'mysql: # the address of the database comes from the environment variable ZENML_DATABASE_URL',
    ...destination(server),
  ],
}

/**
 * What stands at `backup:`, the key included. A workspace of Pro has none until its kind is built.
 */
export function backupLines(server: ServerFacts): string[] {
  const kind = backupKind(server)
  const lines = BACKUP_TEXTS[kind]
  if (lines !== undefined && BUILT_BACKUPS.includes(kind))
    return ['backup:', ...lines(server).map((line) => `  ${line}`)]
  return [
    `# ZenML Pro backs up its workspaces. The kind ${kind}, which says so here, is not built yet: until it is, upgrade-workspace needs the input backup: skip.`,
  ]
}

export function backupKind({ workspace, database }: DescribedServer): BackupKind {
  if (workspace !== null) return 'managed'
  return database === 'sqlite' ? 'sqlite' : 'mysql'
}

function portOf(url: string): string {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port
}

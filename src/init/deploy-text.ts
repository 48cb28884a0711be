import type { BackupKind, DeployDriver } from '../config/drivers.ts'
import { BUILT_BACKUPS, BUILT_DRIVERS } from '../config/not-built.ts'
import type { ServerFacts } from './facts.ts'
import { scalar } from './yaml-words.ts'

/** Behind a value that init cannot know; whoever reads the file fills it in. */
export const CHANGE = '# change'

type Lines = (server: ServerFacts) => readonly string[]

/** How each driver that is built is written, below `deploy:`. */
export const DEPLOY_TEXTS: Partial<Readonly<Record<DeployDriver, Lines>>> = {
  local: (server) => ['local:', `  directory: /srv/zenml/${server.environment} ${CHANGE}: where the server keeps its versions and data`, `  port: ${portOf(server.url)}`],
  command: ({ environment }) => [
    'command:',
    `  deploy: ./deploy.sh ${environment} "$TARGET_VERSION" ${CHANGE}: brings the server to TARGET_VERSION`,
    `  rollback: ./deploy.sh ${environment} "$PREVIOUS_VERSION" ${CHANGE}: back to PREVIOUS_VERSION, after the database was restored`,
    `  stop: ./stop.sh ${environment} ${CHANGE}: stops the server, so that nothing writes while it is restored`
  ],
  gitops: () => ['gitops:', `  tool: argocd ${CHANGE}: argocd or flux`, `  name: zenml ${CHANGE}: its application or Helm release`]
}

/** What stands below `deploy:`. A driver that is not built yet is stood in for by commands. */
export function deployLines(driver: DeployDriver, server: ServerFacts): string[] {
  const lines = DEPLOY_TEXTS[driver]
  if (lines !== undefined && BUILT_DRIVERS.includes(driver)) return [...lines(server)]
  return [`# The driver ${driver} is not built yet; until it is, commands of yours do its work.`, ...(DEPLOY_TEXTS.command?.(server) ?? [])]
}

/** What stands at `backup:`, the key included. */
export function backupLines(server: ServerFacts): string[] {
  const kind = backupKind(server)
  if (!BUILT_BACKUPS.includes(kind)) {
    return ['# ZenML Pro backs up its workspaces; the kind `managed`, which says so here, is not built yet.', '# Until it is, an upgrade of this workspace needs the input `backup: skip`.']
  }
  const to = `    to: /mnt/backups/zenml/${server.environment} ${CHANGE}: a place that outlives this machine; a GitHub-hosted runner has none`
  if (kind === 'sqlite') return ['backup:', '  sqlite:', `    path: ${sqlitePath(server)} ${CHANGE}: the SQLite file of the server`, to]
  return ['backup:', '  mysql: # the address of the database comes from the environment variable ZENML_DATABASE_URL', to]
}

export function backupKind({ workspace, database }: ServerFacts): BackupKind {
  if (workspace !== null) return 'managed'
  return database === 'sqlite' ? 'sqlite' : 'mysql'
}

function sqlitePath({ environment }: ServerFacts): string {
  return scalar(`/srv/zenml/${environment}/zenml.db`)
}

function portOf(url: string): string {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port
}

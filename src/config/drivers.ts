import * as z from 'zod'

const text = z.string().min(1)
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')

/** Every driver of the plan; what is not built yet is refused by name when the file is read. */
export const DEPLOY_DRIVERS = {
  local: z.strictObject({ directory: text, port: z.int().min(1).max(65535), 'database-url-env': variable.optional() }),
  command: z.strictObject({ deploy: text, rollback: text.optional(), stop: text.optional() }),
  gitops: z.strictObject({ tool: z.enum(['argocd', 'flux']), name: text }),
  helm: z.strictObject({ release: text, namespace: text, values: z.array(text).default([]), chart: text.optional() }),
  compose: z.strictObject({ file: text, project: text.optional(), service: text, 'version-variable': variable.optional() }),
  terraform: z.strictObject({ directory: text, variable: text, binary: text.optional() }),
  pro: z.strictObject({ workspace: text, 'api-url': text.optional() })
} as const
export type DeployDriver = keyof typeof DEPLOY_DRIVERS

const encryption = z.enum(['age', 'none'])

export const BACKUP_KINDS = {
  sqlite: z.strictObject({ path: text, to: text, encryption: encryption.optional() }),
  mysql: z.strictObject({
    to: text,
    'url-env': variable.default('ZENML_DATABASE_URL'),
    verify: z.enum(['checksum', 'restore']).default('checksum'),
    'scratch-url-env': variable.optional(),
    encryption: encryption.optional()
  }),
  command: z.strictObject({ backup: text, check: text.optional(), restore: text.optional(), to: text.optional(), encryption: encryption.optional() }),
  kubernetes: z.looseObject({}),
  managed: z.strictObject({ by: z.literal('zenml-pro') })
} as const
export type BackupKind = keyof typeof BACKUP_KINDS

/** Built today. The others are in the schema's plan, so that a reader sees them coming. */
export const BUILT_DRIVERS: readonly DeployDriver[] = ['local', 'command', 'gitops']
export const BUILT_BACKUPS: readonly BackupKind[] = ['sqlite', 'mysql', 'command']

// Exactly one key: the refinement lives with the other messages, so that the JSON Schema stays plain.
export const deploy = z.strictObject({
  local: DEPLOY_DRIVERS.local.optional(),
  command: DEPLOY_DRIVERS.command.optional(),
  gitops: DEPLOY_DRIVERS.gitops.optional(),
  helm: DEPLOY_DRIVERS.helm.optional(),
  compose: DEPLOY_DRIVERS.compose.optional(),
  terraform: DEPLOY_DRIVERS.terraform.optional(),
  pro: DEPLOY_DRIVERS.pro.optional()
})
export const backup = z.strictObject({
  sqlite: BACKUP_KINDS.sqlite.optional(),
  mysql: BACKUP_KINDS.mysql.optional(),
  command: BACKUP_KINDS.command.optional(),
  kubernetes: BACKUP_KINDS.kubernetes.optional(),
  managed: BACKUP_KINDS.managed.optional()
})

import * as z from 'zod'
import { text, variable, webAddress } from './fields.ts'

const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//

/** Where backups are kept: a path, or a bucket. */
const destination = text.refine(
  (to) => !scheme.test(to) || /^(?:s3|gs|az):\/\//.test(to),
  'must be a path, or begin with s3://, gs:// or az://',
)

const command = (what: string) =>
  text.describe(`${what}; a shell command, run in the working directory`)

/** Every driver of the plan; `not-built.ts` says which of them are refused for now. */
export const DEPLOY_DRIVERS = {
  local: z
    .strictObject({
      directory: text.describe(
        'directory of the server: its configuration, its SQLite database, its virtual environment',
      ),
      port: z.int().min(1).max(65535).describe('port on 127.0.0.1 the server listens on'),
      'database-url-env': variable
        .optional()
        .describe(
          'name of the environment variable with the address of the database; left out, the server keeps SQLite in its directory',
        ),
    })
    .describe('a server started by this tool on this machine, from PyPI'),
  command: z
    .strictObject({
      deploy: command('deploys TARGET_VERSION'),
      rollback: command('deploys PREVIOUS_VERSION, after the database was restored').optional(),
      stop: command('stops the server, so that nothing writes').optional(),
    })
    .describe(
      'commands of yours; PREVIOUS_VERSION, TARGET_VERSION and SERVER_URL are in their environment',
    ),
  gitops: z
    .strictObject({
      tool: z.enum(['argocd', 'flux']).describe('the tool that deploys what is in Git'),
      name: text.describe('name of its application or Helm release'),
    })
    .describe('the merge itself deploys; this tool waits and judges'),
  helm: z
    .strictObject({
      release: text.describe('name of the Helm release'),
      namespace: text.describe('its Kubernetes namespace'),
      values: z.array(text).prefault([]).describe('values files, later ones win'),
      chart: text.optional().describe("the chart; left out, ZenML's own"),
    })
    .describe('a Helm release'),
  compose: z
    .strictObject({
      file: text.describe('the Compose file'),
      project: text
        .optional()
        .describe("name of the Compose project; left out, Compose's own choice"),
      service: text.describe('the service that runs the ZenML server'),
      'version-variable': variable
        .optional()
        .describe('the variable in the file that holds the version of the image'),
    })
    .describe('a Docker Compose service'),
  terraform: z
    .strictObject({
      directory: text.describe('directory of the root module'),
      variable: text.describe('its variable that holds the version'),
      binary: text.optional().describe('terraform or tofu; left out, the one on the PATH'),
    })
    .describe('a Terraform or OpenTofu module'),
  pro: z
    .strictObject({
      workspace: text.describe('name or id of the workspace'),
      'api-url': webAddress
        .optional()
        .describe("address of a control plane of your own; left out, ZenML's"),
    })
    .describe('a workspace of ZenML Pro'),
} as const
export type DeployDriver = keyof typeof DEPLOY_DRIVERS

const encryption = z
  .enum(['age', 'none'])
  .describe('how the dump is encrypted before it leaves this machine')

export const BACKUP_KINDS = {
  sqlite: z
    .strictObject({
      path: text.describe('the SQLite file of the server'),
      to: destination.describe('where backups are kept; a place that outlives this machine'),
      encryption: encryption.optional(),
    })
    .describe('a copy of a SQLite database, made while the server runs'),
  mysql: z
    .strictObject({
      to: destination.describe('where backups are kept; a place that outlives this machine'),
      'url-env': variable
        .prefault('ZENML_DATABASE_URL')
        .describe('name of the environment variable with the address of the database'),
      verify: z
        .enum(['checksum', 'restore'])
        .prefault('checksum')
        .describe('read the file back, or also restore it into a scratch database and compare'),
      'scratch-url-env': variable
        .optional()
        .describe(
          'name of the environment variable with the address of the scratch database for `verify: restore`; what is in it is lost',
        ),
      encryption: encryption.optional(),
    })
    .describe('a dump of a MySQL or MariaDB database'),
  command: z
    .strictObject({
      backup: command('writes BACKUP_FILE'),
      check: command('ends with 0 if BACKUP_FILE is complete').optional(),
      restore: command('restores BACKUP_FILE').optional(),
      to: destination
        .optional()
        .describe('where backups are kept; left out, the commands keep them'),
      encryption: encryption.optional(),
    })
    .describe('commands of yours; BACKUP_FILE is in their environment'),
  kubernetes: z.looseObject({}).describe('a job in the cluster of the server'),
  managed: z
    .strictObject({ by: z.literal('zenml-pro').describe('who makes it') })
    .describe('made by ZenML Pro, and not verified by us'),
} as const
export type BackupKind = keyof typeof BACKUP_KINDS

// Exactly one key. That is a rule of rules.ts, so that its message stands beside all others;
// editors see the counts.
const exactlyOne = { minProperties: 1, maxProperties: 1 }
export const deploy = z
  .strictObject(DEPLOY_DRIVERS)
  .partial()
  .meta({ ...exactlyOne, description: 'how the server is deployed; exactly one driver' })
export const backup = z
  .strictObject(BACKUP_KINDS)
  .partial()
  .meta({ ...exactlyOne, description: 'how the database is backed up; exactly one kind' })

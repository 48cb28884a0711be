import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { isDefaultConfig, normalConfigPath } from '../inputs/config-path.ts'
import { DEFAULT_CONFIG, type CommandName } from '../inputs/inputs.ts'

/** What the name of a result file is made of. */
export interface ResultPlace {
  readonly command: CommandName
  /** null: the command is about none, or has not found out which. */
  readonly environment: Environment | null
  readonly step?: string | undefined
  readonly mode?: string | undefined
  /** Such as `1/4`. */
  readonly shard?: string | undefined
  /** Path of the configuration file, as the input has it; left out, the default. */
  readonly config?: string | undefined
  readonly dryRun?: boolean
}

const DRY_RUN = '.dry-run.json'

/**
 * Gives the path of a result file: `<report directory>/<environment>/<command>[-<step>][-<mode>]
 * [-<shard>][-<file key>][.dry-run].json`.
 */
export function resultFile(reportDirectory: string, place: ResultPlace): string {
  const name = [
    place.command,
    place.step,
    place.mode,
    place.shard?.replace('/', '-of-'),
    fileKey(place.config ?? DEFAULT_CONFIG),
  ].filter((part) => part !== undefined)
  return join(
    reportDirectory,
    place.environment ?? '.',
    `${name.join('-')}${place.dryRun === true ? DRY_RUN : '.json'}`,
  )
}

/** Tells from its name whether a result file is of a dry run. */
export function isOfDryRun(name: string): boolean {
  return name.endsWith(DRY_RUN)
}

/**
 * Keeps the results and records of several configuration files apart: the first eight digits of the
 * SHA-256 of the path; undefined for the default. `actions/steps/prepare.sh` names artifacts by the
 * same key.
 */
export function fileKey(config: string): string | undefined {
  return isDefaultConfig(config)
    ? undefined
    : createHash('sha256').update(normalConfigPath(config)).digest('hex').slice(0, 8)
}

import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import type { Config, EnvironmentConfig } from './schema.ts'

/** Returns the variables that an environment of the file names, which hold addresses of databases. */
export function databaseVariables({ deploy, backup }: EnvironmentConfig): string[] {
  return [
    deploy.local?.['database-url-env'],
    backup?.mysql?.['url-env'],
    backup?.mysql?.['scratch-url-env'],
  ].filter((name) => name !== undefined)
}

/**
 * Returns the variables that only the other environment of the file names: a command that deploys
 * or backs up one environment must not be able to open the database of the other.
 */
export function otherDatabaseVariables(
  { environments }: Pick<Config, 'environments'>,
  environment: Environment,
): string[] {
  const own = databaseVariables(environments[environment])
  const others = ENVIRONMENTS.filter((name) => name !== environment).flatMap((name) =>
    databaseVariables(environments[name]),
  )
  return [...new Set(others)].filter((name) => !own.includes(name) && name !== 'ZENML_DATABASE_URL')
}

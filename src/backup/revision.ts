import type { Check } from '../result/common.ts'
import { sameVersion } from '../core/versions.ts'
import { describe } from './destination.ts'

/**
 * Every release of ZenML has a revision of the database with the release's own number; another one
 * means that a migration is at work, or died.
 */
export async function revisionCheck(
  revision: () => Promise<string | undefined>,
  version: string,
): Promise<Check> {
  const name = 'database revision'
  try {
    const found = await revision()
    if (found !== undefined && sameVersion(found, version))
      return {
        name,
        status: 'passed',
        message: `the database is at revision ${found}, as the server`,
      }
    return found === undefined
      ? {
          name,
          status: 'failed',
          message: 'the database has no alembic_version: it is not one of ZenML, or empty',
          next: 'Check that `backup` names the database of this server.',
        }
      : {
          name,
          status: 'failed',
          message: `the database is at revision ${found}, the server reports ${version}`,
          next: 'Check that `backup` names the database of this server, and that no migration is at work or was broken off.',
        }
  } catch (error) {
    return {
      name,
      status: 'failed',
      message: describe(error),
      next: 'Check the connection and the rights of its user.',
    }
  }
}

import type { Check } from '../result/common.ts'
import type { DatabaseObject } from './dump-objects.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { rightsOn } from './mysql-grants.ts'
import { readObjects } from './mysql-objects.ts'
import { vendorOf } from './mysql-programs.ts'
import { missingTableRights, obstacleTo, type Restorer } from './restorable.ts'

/** Fails when a restore could not put the tables back. */
export async function tableRights(live: MysqlConnection): Promise<Check> {
  const name = 'rights for a restore'
  const restorer = await readRestorer(live)
  const missing = missingTableRights(restorer).join(', ')
  const { database } = live.address
  return missing === ''
    ? { name, status: 'passed', message: `${restorer.user} may replace the tables of ${database}` }
    : {
        name,
        status: 'failed',
        message: `${restorer.user} lacks ${missing} on the database ${database}: a restore could not put the tables back`,
        next: `As an administrator: GRANT ${missing} ON \`${database}\`.* TO the user of the URL.`,
      }
}

/** Warns of views, triggers, routines and events that a restore could not create again. */
export async function otherObjects(live: MysqlConnection): Promise<Check> {
  const name = 'views, triggers and routines'
  const restorer = await readRestorer(live)
  const objects = await readObjects(live)
  const obstacles = objects.flatMap((object) => {
    const obstacle = obstacleTo(object, restorer)
    return obstacle === undefined ? [] : [`the ${object.kind} ${object.name} (${obstacle})`]
  })
  if (!restorer.rights.has('TRIGGER'))
    obstacles.push(
      `triggers, if there are any (${restorer.user} lacks TRIGGER and cannot see them)`,
    )
  if (obstacles.length === 0) return { name, status: 'passed', message: allRestorable(objects) }
  return {
    name,
    status: 'warning',
    message: `a restore would put every table back, but could not create ${listed(obstacles)}`,
    next: `The upgrade goes on. After a restore, an administrator creates what is missing from the file that the restore leaves beside the backup. To have it restored, make ${restorer.user} the definer, or grant what is missing.`,
  }
}

function allRestorable(objects: readonly DatabaseObject[]): string {
  return objects.length === 0
    ? 'the database holds nothing but tables'
    : `a restore can create all ${objects.length} of them again`
}

const MOST_LISTED = 5

function listed(texts: readonly string[]): string {
  const more = texts.length - MOST_LISTED
  return `${texts.slice(0, MOST_LISTED).join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

/** Warns of tables whose history would be gone: a dump holds the rows of one moment. */
export async function histories(live: MysqlConnection): Promise<Check> {
  const name = 'history of tables'
  const tables = (
    await live.query(
      "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SYSTEM VERSIONED' ORDER BY TABLE_NAME",
    )
  ).flat()
  return tables.length === 0
    ? { name, status: 'passed', message: 'no table keeps a history' }
    : {
        name,
        status: 'warning',
        message: `a backup holds the current rows of ${listed(tables)}, not their history: after a restore it begins anew`,
        next: 'The upgrade goes on. Save the history by other means if it is needed.',
      }
}

async function readRestorer(live: MysqlConnection): Promise<Restorer> {
  const [[user = ''] = []] = await live.query('SELECT CURRENT_USER()')
  const variables = new Map(
    (
      await live.query(
        "SHOW VARIABLES WHERE Variable_name IN ('log_bin', 'log_bin_trust_function_creators', 'lower_case_table_names', 'partial_revokes')",
      )
    ).map(([name = '', value = '']) => [name, value]),
  )
  const grants = (await live.query("SET SESSION sql_mode = '';\nSHOW GRANTS;")).flat()
  return {
    vendor: vendorOf(live.serverVersion),
    user,
    rights: rightsOn(grants, {
      database: live.address.database,
      partialRevokes: variables.get('partial_revokes') === 'ON',
      ignoreCase: (variables.get('lower_case_table_names') ?? '0') !== '0',
    }),
    guardsBinaryLog:
      variables.get('log_bin') === 'ON' &&
      variables.get('log_bin_trust_function_creators') !== 'ON',
  }
}

import { loadConfig } from '../config/load.ts'
import { Stop } from '../core/stop.ts'
import { isDriver, type Given } from './answers.ts'

/** What a configuration file that is there already says; nothing where none is valid. */
export async function answersInFile(path: string): Promise<Partial<Given>> {
  const config = await loadConfig(path).catch((error: unknown) => {
    if (error instanceof Stop) return undefined
    throw error
  })
  if (config === undefined) return {}
  const { staging, production } = config.environments
  return {
    'staging-server': staging.server,
    'production-server': production.server,
    deploy: Object.keys(staging.deploy).find(isDriver),
  }
}

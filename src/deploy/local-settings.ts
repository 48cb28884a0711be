import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { Stop } from '../core/stop.ts'
import { registerSecretVariables } from '../runtime/secret-variables.ts'
import { registerKey } from '../runtime/secrets.ts'
import { urlPasswords } from '../runtime/url-passwords.ts'
import { RESERVED, type LocalLayout } from './local-layout.ts'

/**
 * The database of the server: what the named environment variable holds, else a SQLite file of the
 * driver's own.
 */
export function databaseUrl(
  layout: LocalLayout,
  variable: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (variable === undefined) return `sqlite:///${layout.database}`
  const url = env[variable]
  if (url === undefined || url === '') {
    throw new Stop(
      'preflight-failed',
      `the environment variable ${variable}, which deploy.local.database-url-env names, is not set`,
      {
        next: `Set ${variable} to the URL of the server's database, such as mysql://user:password@host/zenml.`,
      },
    )
  }
  for (const password of urlPasswords(url)) registerKey(variable, password)
  return url
}

/** The user's variables for the server. Those whose name says so are registered as secrets. */
export async function userVariables(layout: LocalLayout): Promise<Record<string, string>> {
  const text = await readFile(layout.environmentFile, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new Stop('preflight-failed', `${layout.environmentFile} cannot be read`, { cause: error })
  })
  const variables: Record<string, string> = {}
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value === undefined) continue
    if ((RESERVED as readonly string[]).includes(name)) {
      throw new Stop(
        'preflight-failed',
        `${layout.environmentFile} sets ${name}, which the driver sets itself`,
        {
          next:
            name === 'ZENML_STORE_URL'
              ? 'Remove the line and name the database with deploy.local.database-url-env.'
              : 'Remove the line.',
        },
      )
    }
    variables[name] = value
  }
  registerSecretVariables(variables)
  return variables
}

/** The secret that signs tokens, made at first use and kept. */
export async function jwtSecret(layout: LocalLayout): Promise<string> {
  await mkdir(layout.directory, { recursive: true })
  try {
    await writeFile(layout.secretFile, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const secret = (await readFile(layout.secretFile, 'utf8')).trim()
  registerKey('jwt-secret', secret)
  return secret
}

import { createServer } from 'node:net'
import { join } from 'node:path'
import * as z from 'zod'
import type { Uv } from '../zenml-client/uv.ts'
import type { Environment } from '../core/environments.ts'
import { ifReadable, Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import { registerKey } from '../runtime/secrets.ts'
import { createDriver } from '../deploy/create-driver.ts'
import type { Driver } from '../deploy/driver.ts'
import { send } from '../http/http.ts'

/** A server of the demo, with a key of its own. */
export interface DemoServer {
  readonly environment: Environment
  readonly url: string
  readonly directory: string
  readonly port: number
  readonly apiKey: string
}

const START_SECONDS = 180
const POLL_SECONDS = 0.5

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject).listen(0, '127.0.0.1', () => {
      resolve()
    })
  })
  const address = probe.address()
  await new Promise((resolve) => {
    probe.close(resolve)
  })
  if (address === null || typeof address === 'string')
    throw new Error('a listening TCP server has a port')
  return address.port
}

export interface ServerPlace {
  readonly environment: Environment
  readonly directory: string
  readonly port: number
}

/**
 * The driver that an upgrade of this server will use; the demo starts and stops the server with it
 * too.
 */
export function driverOf(
  machine: Machine,
  { environment, directory, port }: ServerPlace,
  uv: () => Promise<Uv>,
): Driver {
  return createDriver(
    { local: { directory, port } },
    {
      machine,
      environment,
      workspace: directory,
      logDirectory: join(directory, 'logs'),
      serverUrl: `http://127.0.0.1:${port}`,
      uv,
    },
  )
}

/**
 * Starts a server of a version on an empty database, and makes a service account with a key on it.
 */
export async function startDemoServer(
  machine: Machine,
  place: ServerPlace,
  version: string,
  uv: () => Promise<Uv>,
): Promise<DemoServer> {
  const driver = driverOf(machine, place, uv)
  // Activated at once and with a user, as a person would do in the browser.
  await writeFileAtomic(
    join(place.directory, 'server.env'),
    'ZENML_SERVER_AUTO_ACTIVATE=1\nZENML_SERVER_AUTH_SCHEME=OAUTH2_PASSWORD_BEARER\nZENML_SERVER_DEPLOYMENT_TYPE=other\nZENML_ANALYTICS_OPT_IN=false\n',
  )
  const journal = { child: () => Promise.resolve(), note: () => Promise.resolve() }
  await driver.startOld?.({ fromVersion: version, toVersion: version }, journal)
  const url = `http://127.0.0.1:${place.port}`
  await machine.log.progress(`wait for the server ${url}`, () => untilHealthy(machine, url, driver))
  return { ...place, url, apiKey: await makeKey(machine, url) }
}

async function untilHealthy(machine: Machine, url: string, driver: Driver): Promise<void> {
  const started = machine.now().getTime()
  for (;;) {
    const reply = await ifReadable(
      send(
        { method: 'GET', url: new URL('/health', url), timeoutSeconds: 5, deadlineSeconds: 0 },
        machine,
      ),
    )
    if (reply?.status === 200) return
    const death = await driver.died?.()
    if (death !== undefined) throw new Stop('upgrade-failed', death)
    if (machine.now().getTime() - started > START_SECONDS * 1000)
      throw new Stop('upgrade-failed', `${url} did not answer in ${START_SECONDS} s`, {
        next: 'Read its log.',
      })
    await machine.sleep(POLL_SECONDS)
  }
}

/**
 * A fresh server has the user `default` without a password, who may make a service account and its
 * key.
 */
async function makeKey(machine: Machine, url: string): Promise<string> {
  const call = async <S extends z.ZodType>(
    path: string,
    schema: S,
    body: { form?: Record<string, string>; json?: unknown; token?: string },
  ): Promise<z.output<S>> => {
    const reply = await send(
      { method: 'POST', url: new URL(`/api/v1${path}`, url), ...body },
      machine,
    )
    if (reply.status !== 200)
      throw new Stop('unexpected-answer', `${path} of the new server answered ${reply.status}`)
    return schema.parse(JSON.parse(reply.text))
  }
  const { access_token: token } = await call('/login', z.object({ access_token: z.string() }), {
    form: { username: 'default', password: '' },
  })
  registerKey('the token of the ZenML server', token)
  const account = await call('/service_accounts', z.object({ id: z.string() }), {
    json: { name: 'upgrades', active: true },
    token,
  })
  const { body } = await call(
    join('/service_accounts', account.id, 'api_keys'),
    z.object({ body: z.object({ key: z.string() }) }),
    { json: { name: 'upgrades' }, token },
  )
  registerKey('the API key of the demo', body.key)
  return body.key
}

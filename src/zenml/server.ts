import * as z from 'zod'
import type { Machine } from '../runtime/runtime.ts'
import { KEY_VARIABLE, readAnswer } from './answer.ts'
import type { CallOptions, Query, ZenmlServer } from './types.ts'
import { normaliseAddress } from './address.ts'
import { createSession, type Session } from './session.ts'
import { type HttpRequest, send } from '../http/http.ts'
import { Stop } from '../core/stop.ts'
import { readFirst, readPages, readTotal } from './pages.ts'
import { infoFailure } from './info-failure.ts'
import { serverInfoSchema, type ServerInfo } from './info.ts'

export interface ServerAccess {
  readonly url: string
  /** Service-account key; left out only for servers without authentication, and for `info`. */
  readonly apiKey?: string | undefined
  /** What the key is called where it comes from, for messages; left out, ZENML_STORE_API_KEY. */
  readonly keyName?: string | undefined
  /** What to do when the server asks for a key and there is none; left out, to set {@link keyName}. */
  readonly whenKeyMissing?: string | undefined
  readonly machine: Machine
}

/**
 * A filter value that is taken as it stands: without it a name such as `in:house` would be read as
 * an operator.
 */
export function equals(value: string): string {
  return `equals:${value}`
}

/** What every call of one server has in common. */
interface Access {
  readonly base: string
  readonly key: string | undefined
  readonly keyName: string
  readonly whenKeyMissing: string
  readonly session: Session
  readonly machine: Machine
}

interface Call<S extends z.ZodType> {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly schema: S
  readonly query?: Query | undefined
  readonly options?: CallOptions | undefined
  readonly json?: unknown
}

const DEADLINE_SECONDS = 20

/**
 * Contacts nothing yet: the key is exchanged for a token at the first call that needs one. Throws
 * Stop('invalid-input') for an address that cannot be one.
 */
export function connect({
  url,
  apiKey,
  keyName = KEY_VARIABLE,
  whenKeyMissing = `Set ${keyName} to a service-account key of this server.`,
  machine,
}: ServerAccess): ZenmlServer {
  const base = normaliseAddress(url)
  const key = apiKey?.trim() === '' ? undefined : apiKey?.trim()
  const session = createSession(base, { apiKey: key, keyName }, machine)
  const access: Access = { base, key, keyName, whenKeyMissing, session, machine }
  const get: ZenmlServer['get'] = (path, schema, query, options) =>
    call(access, { method: 'GET', path, schema, query, options })
  return {
    url: base,
    get,
    post: (path, schema, json, query, options) =>
      call(access, { method: 'POST', path, schema, query, options, json }),
    put: (path, schema, json, query, options) =>
      call(access, { method: 'PUT', path, schema, query, options, json }),
    async delete(path, query, options) {
      await call(access, { method: 'DELETE', path, schema: z.unknown(), query, options })
    },
    list: (path, schema, query = {}) => readPages(get, path, schema, query),
    first: (path, schema, query = {}, pages?: number) => readFirst(get, path, schema, query, pages),
    total: (path, query = {}) => readTotal(get, path, query),
    info: (options = {}) => readInfo(access, options),
  }
}

async function call<S extends z.ZodType>(
  { base, key, keyName, whenKeyMissing, session, machine }: Access,
  { method, path, schema, query = {}, options, json }: Call<S>,
): Promise<z.output<S>> {
  const address = apiUrl(base, path, query)
  const limits = { deadlineSeconds: DEADLINE_SECONDS, ...options }
  const ask = async (token: string | undefined) =>
    send({ ...limits, method, url: address, token, json }, machine)
  let token = await session.token(limits)
  let reply = await ask(token)
  if (reply.status === 401 && token !== undefined) {
    // A restarted server may have another signing key; the service-account key still holds.
    session.forget(token)
    token = await session.token(limits)
    reply = await ask(token)
  }
  if (reply.status === 401 && key === undefined)
    throw new Stop(
      'credentials-refused',
      `${base} asks for credentials, and there is no service-account key: ${keyName} is not set or is empty.`,
      { next: whenKeyMissing },
    )
  return readAnswer(reply, schema, { base, method, url: address, authenticated: true, keyName })
}

/** Asks without a key: every ZenML server tells this to everyone. */
async function readInfo({ base, machine }: Access, options: CallOptions): Promise<ServerInfo> {
  const url = apiUrl(base, '/info', {})
  const reply = await send({ ...options, method: 'GET', url }, machine)
  try {
    return readAnswer(reply, serverInfoSchema, { base, method: 'GET', url, authenticated: false })
  } catch (error) {
    throw error instanceof Stop ? infoFailure(reply, base, error) : error
  }
}

function apiUrl(base: string, path: string, query: Query): URL {
  const url = new URL(`${base}/api/v1${path}`)
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat())
      if (one !== undefined) url.searchParams.append(name, String(one))
  }
  return url
}

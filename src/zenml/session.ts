import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { registerSecret } from '../runtime/secrets.ts'
import { isJson, problemText, readAnswer } from './answer.ts'
import { send, type HttpRequest } from '../http/http.ts'

type LoginOptions = Pick<HttpRequest, 'deadlineSeconds' | 'timeoutSeconds' | 'ignoreAbort'>

/** The login of one key at one server. */
export interface Session {
  /** A valid token, made at the first call; undefined without a key. */
  token(options?: LoginOptions): Promise<string | undefined>
  /** Drops a token that the server refused. */
  forget(token: string): void
}

const loginSchema = z.looseObject({
  access_token: z.string().min(1),
  expires_in: z.number().nullish(),
})
/** A token is renewed so long before it ends. */
const MARGIN_SECONDS = 30
const newKey = (keyName: string): string =>
  `Make a key with \`zenml service-account api-key <account> create <name>\` on this very server, and give it as ${keyName}.`

interface Token {
  readonly value: string
  /**
   * When to renew it, by the monotonic clock; undefined when it never expires, which is what
   * `expires_in: null` means.
   */
  readonly ends: number | undefined
}

/** Where a key logs in, and what it is called where it comes from. */
interface Account {
  readonly base: string
  readonly keyName: string
  readonly machine: Machine
}

export function createSession(
  base: string,
  { apiKey, keyName }: { readonly apiKey: string | undefined; readonly keyName: string },
  machine: Machine,
): Session {
  registerSecret(apiKey)
  let held: Token | undefined
  let pending: Promise<Token> | undefined
  return {
    async token(options = {}) {
      if (apiKey === undefined) return undefined
      if (held !== undefined && (held.ends === undefined || held.ends > machine.monotonic()))
        return held.value
      // Calls that run at the same time share one login.
      pending ??= login({ base, keyName, machine }, apiKey, options)
        .then((token) => (held = token))
        .finally(() => {
          pending = undefined
        })
      return (await pending).value
    },
    forget(token) {
      if (held?.value === token) held = undefined
    },
  }
}

async function login(
  { base, keyName, machine }: Account,
  key: string,
  options: LoginOptions,
): Promise<Token> {
  const url = new URL(`${base}/api/v1/login`)
  // The key alone: the server infers the grant. Asking for a token twice does no harm.
  const reply = await send(
    { ...options, method: 'POST', url, form: { password: key }, repeatable: true },
    machine,
  )
  // 400 is what a server says that knows no login by key.
  if ((reply.status === 400 || reply.status === 401) && isJson(reply)) {
    throw new Stop(
      'credentials-refused',
      `${base} refused the service-account key (${reply.status}${problemText(reply)}).`,
      { next: newKey(keyName) },
    )
  }
  const answer = readAnswer(reply, loginSchema, {
    base,
    method: 'POST',
    url,
    authenticated: true,
    keyName,
  })
  registerSecret(answer.access_token)
  return { value: answer.access_token, ends: endOf(answer.expires_in ?? undefined, machine) }
}

/** When to renew a token that lasts so many seconds; undefined for one that never expires. */
function endOf(lasts: number | undefined, machine: Machine): number | undefined {
  return lasts === undefined
    ? undefined
    : machine.monotonic() + Math.max(lasts - MARGIN_SECONDS, lasts / 2)
}

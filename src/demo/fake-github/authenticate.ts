import { createPublicKey, createVerify } from 'node:crypto'
import type { Actor } from './actor.ts'
import { now } from './clock.ts'
import { Refusal } from './refusal.ts'
import type { State, Token } from './state.ts'

export interface Identity {
  readonly actor: Actor
  readonly token: Token | null
  /** Slug of the app whose JSON web token was sent. */
  readonly app: string | null
}

const NOBODY: Identity = { actor: { login: '', app: null }, token: null, app: null }

/** Who asks, by the `authorization` header. @throws Refusal 401 for what GitHub does not know. */
export function authenticate(state: State, header: string | undefined): Identity {
  if (header === undefined) return NOBODY
  const secret = /^(?:token|bearer) (.+)$/i.exec(header)?.[1] ?? ''
  const token = state.tokens[secret]
  if (token !== undefined)
    return { actor: { login: token.login, app: token.app }, token, app: null }
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret)) return { ...NOBODY, app: appOfJwt(state, secret) }
  throw new Refusal(401, 'Bad credentials')
}

/** The longest time an app's token may be good for. */
const JWT_SECONDS = 600

function appOfJwt(state: State, jwt: string): string {
  const [head = '', payload = '', signature = ''] = jwt.split('.')
  const { iss, iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    iss?: unknown
    iat?: unknown
    exp?: unknown
  }
  const app = Object.values(state.apps).find(
    ({ id, clientId }) => iss === clientId || Number(iss) === id,
  )
  if (app?.publicKey === null || app === undefined)
    throw new Refusal(401, "'Issuer' claim ('iss') must be an Integer")
  const time = Math.floor(Date.parse(now(state)) / 1000)
  if (typeof exp !== 'number' || exp <= time)
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  if (exp > time + JWT_SECONDS)
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
  if (typeof iat !== 'number' || iat > time)
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  const verified = createVerify('RSA-SHA256')
    .update(`${head}.${payload}`)
    .verify(createPublicKey(app.publicKey), signature, 'base64url')
  if (!verified) throw new Refusal(401, 'A JSON web token could not be decoded')
  return app.slug
}

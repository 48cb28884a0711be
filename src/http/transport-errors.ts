import { redactForeign } from '../runtime/secrets.ts'
import { ServerFailure, type FailureKind } from './server-failure.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What went wrong before an answer came. */
export interface TransportProblem {
  readonly kind: FailureKind
  /** Ends the sentence "http://server could not be reached: …". */
  readonly what: string
  readonly next: string
  /** Such a thing happens while a server restarts, and passes. */
  readonly passing: boolean
  /** The server cannot have seen the request, so that sending again does no harm. */
  readonly neverSent: boolean
}

const NO_CONNECTION = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])
const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const STALLED = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
const UNKNOWN_CA = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])
const BAD_CERTIFICATE = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UND_ERR_PRX_TLS',
])
/** What nodejs and OpenSSL say when one side speaks TLS and the other does not. */
const MIXED = /wrong version number|packet length too long|record layer failure|plain HTTP request/i

/** What is known of a request that got no answer. */
interface Seen {
  readonly failures: readonly Failure[]
  /** The first code among the failures; empty when there is none. */
  readonly code: string
  /** All messages. */
  readonly text: string
  readonly url: URL
  readonly proxy: URL | undefined
  /** Value of NODE_EXTRA_CA_CERTS; empty when it is not set. */
  readonly certificateFile: string
}

interface Row {
  readonly fits: (seen: Seen) => boolean
  readonly problem: (seen: Seen) => TransportProblem
}

/** The first row that fits is the problem. */
const ROWS: readonly Row[] = [
  {
    fits: (seen) => proxyRefusal(seen) !== '',
    problem: (seen) => ({
      kind: 'own-proxy',
      what: `${seen.proxy === undefined ? 'a proxy' : `the proxy ${seen.proxy.host}`} answered ${proxyRefusal(seen)}`,
      passing: ['502', '503', '504'].includes(proxyRefusal(seen)),
      neverSent: true,
      next:
        proxyRefusal(seen) === '407'
          ? 'Put user and password of the proxy into HTTPS_PROXY.'
          : checkAddress(seen),
    }),
  },
  {
    fits: ({ code }) => code === 'ENOTFOUND',
    problem: (seen) => ({
      kind: 'dns',
      what: `the name ${(seen.proxy ?? seen.url).hostname} is not known here (DNS)`,
      passing: false,
      neverSent: true,
      next: checkAddress(seen),
    }),
  },
  {
    fits: ({ code }) => code === 'EAI_AGAIN',
    problem: (seen) => ({
      kind: 'dns',
      what: `the name ${(seen.proxy ?? seen.url).hostname} could not be looked up (DNS)`,
      passing: true,
      neverSent: true,
      next: checkAddress(seen),
    }),
  },
  {
    fits: isRefused,
    problem: (seen) => ({
      kind: seen.proxy === undefined ? 'refused' : 'own-proxy',
      what: `${connectedTo(seen)} refuses the connection`,
      passing: true,
      neverSent: true,
      next: checkAddress(seen),
    }),
  },
  {
    fits: ({ code }) => NO_CONNECTION.has(code) || code === 'ECONNREFUSED',
    problem: (seen) => ({
      kind: 'no-connection',
      what: `no connection to ${connectedTo(seen)} (${seen.code})`,
      passing: true,
      neverSent: true,
      next: checkAddress(seen),
    }),
  },
  {
    fits: ({ failures }) => failures.some(({ name }) => name === 'TimeoutError'),
    problem: () => ({
      kind: 'timed-out',
      what: 'no answer in time',
      passing: true,
      neverSent: false,
      next: 'Look whether the server is overloaded, and run again.',
    }),
  },
  {
    fits: ({ code }) => RESET.has(code) || STALLED.has(code),
    problem: ({ code }) => ({
      kind: 'reset',
      what: `the connection broke (${code})`,
      passing: true,
      neverSent: false,
      next: 'Look at the log of the server and of the gateway in front of it, and run again.',
    }),
  },
  {
    fits: ({ code }) => UNKNOWN_CA.has(code),
    problem: ({ code, certificateFile }) => ({
      kind: 'tls',
      what: `its certificate is from an authority that this machine does not know (${code})`,
      passing: false,
      neverSent: true,
      next: `Write the authority's certificate (PEM) to a file and set NODE_EXTRA_CA_CERTS to its path before the command starts.${certificateFile === '' ? '' : ` It is ${certificateFile} now: the file must exist when the command starts, and hold this authority.`}`,
    }),
  },
  {
    fits: ({ code }) => BAD_CERTIFICATE.has(code),
    problem: ({ code }) => ({
      kind: 'tls',
      what: `its certificate does not hold for this address (${code})`,
      passing: false,
      neverSent: true,
      next: 'Renew the certificate, or use the address that it was made for.',
    }),
  },
  {
    fits: ({ code, text }) => code === 'EPROTO' || MIXED.test(text),
    problem: () => ({
      kind: 'tls',
      what: 'it does not speak TLS on this port',
      passing: false,
      neverSent: true,
      next: 'Check http:// against https://, and the port.',
    }),
  },
]

/**
 * A name may have several addresses, which are tried one after the other: it refuses where one does
 * and no other got anywhere. One that only did not answer in time may be the server.
 */
function isRefused({ failures }: Seen): boolean {
  const codes = failures.flatMap(({ gathers, code }) =>
    !gathers && typeof code === 'string' ? [code] : [],
  )
  return (
    codes.includes('ECONNREFUSED') &&
    codes.every((code) => ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'].includes(code))
  )
}

/** Status that a proxy refused with; empty when it is not the proxy that failed. */
function proxyRefusal({ text }: Seen): string {
  return (/Proxy response \((\d+)\)/.exec(text) ?? /\((407)\)/.exec(text))?.[1] ?? ''
}

function connectedTo({ proxy }: Seen): string {
  return proxy === undefined ? 'it' : `the proxy ${proxy.host}`
}

function checkAddress({ proxy }: Seen): string {
  return proxy === undefined
    ? 'Check the address, and that this machine may reach it (firewall, VPN, a runner inside the network).'
    : 'Check HTTPS_PROXY and HTTP_PROXY; name the server in NO_PROXY if it is reached directly.'
}

/**
 * Classifies an error of undici or of node's sockets. `env` is read for NODE_EXTRA_CA_CERTS only.
 */
export function transportProblem(
  error: unknown,
  url: URL,
  proxy: URL | undefined,
  env: Env,
): TransportProblem {
  const failures = causes(error)
  const seen: Seen = {
    failures,
    code: failures.map(({ code }) => code).find((code) => typeof code === 'string') ?? '',
    text: failures.map(({ message }) => message).join(' '),
    url,
    proxy,
    certificateFile: env['NODE_EXTRA_CA_CERTS'] ?? '',
  }
  return (
    ROWS.find((row) => row.fits(seen))?.problem(seen) ?? {
      kind: 'other-error',
      what: redactForeign(failures[0]?.message ?? String(error)),
      passing: false,
      neverSent: false,
      next: checkAddress(seen),
    }
  )
}

/** Describes a proxy that wants a user name and a password, which it says by an ordinary answer. */
export function proxyWantsLogin(url: URL, proxy: URL | undefined, env: Env): TransportProblem {
  return transportProblem(new Error('(407)'), url, proxy, env)
}

/** The failure of a server that gave no answer. `where` names it without credentials. */
export function unreachable(
  where: string,
  { kind, what, next }: TransportProblem,
  cause: unknown,
): ServerFailure {
  const message = `${where} could not be reached: ${what}.`
  return new ServerFailure(kind, 'server-unreachable', message, { next, cause })
}

interface Failure {
  readonly name: string
  readonly message: string
  readonly code: unknown
  /** Whether it only gathers others, of which it has the first one's code. */
  readonly gathers: boolean
}

/**
 * An error, what it wraps and what that wraps: node gathers one error per address that it tried.
 */
function causes(error: unknown): Failure[] {
  // By its fields and not by its class: time-outs are DOMExceptions, and a class of another realm
  // is not ours.
  if (typeof error !== 'object' || error === null || !('message' in error)) return []
  const inner: unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  const name = 'name' in error ? String(error.name) : ''
  return [
    {
      name,
      message: String(error.message),
      code: 'code' in error ? error.code : undefined,
      gathers: inner.length > 0,
    },
    ...causes('cause' in error ? error.cause : undefined),
    ...inner.flatMap(causes),
  ]
}

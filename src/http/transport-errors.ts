import { Stop } from '../core/stop.ts'
import { redact } from '../runtime/secrets.ts'
import { ServerDown } from './server-down.ts'

/** What went wrong before an answer came. */
export interface TransportProblem {
  /** Ends the sentence "http://server could not be reached: …". */
  readonly what: string
  readonly next: string
  /** Such a thing happens while a server restarts, and passes. */
  readonly passing: boolean
  /** The server cannot have seen the request, so that sending again does no harm. */
  readonly neverSent: boolean
  /** So does a server look that is stopped or restarts, seen without a proxy in between. */
  readonly down?: boolean
}

const CONNECT = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])
const BROKEN = new Set([
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])
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

/** Judges an error of undici or of node's sockets. `env` is read for NODE_EXTRA_CA_CERTS only. */
export function transportProblem(
  error: unknown,
  url: URL,
  proxy: URL | undefined,
  env: Readonly<Record<string, string | undefined>>,
): TransportProblem {
  const chain = causes(error)
  const code = chain.map((each) => each.code).find((value) => typeof value === 'string') ?? ''
  const text = chain.map((each) => each.message).join(' ')
  const door = proxy === undefined ? 'it' : `the proxy ${proxy.host}`
  const checkDoor =
    proxy === undefined
      ? 'Check the address, and that this machine may reach it (firewall, VPN, a runner inside the network).'
      : 'Check HTTPS_PROXY and HTTP_PROXY; name the server in NO_PROXY if it is reached directly.'

  const refusal = /Proxy response \((\d+)\)/.exec(text)?.[1] ?? /\((407)\)/.exec(text)?.[1]
  if (refusal !== undefined) {
    const passing = ['502', '503', '504'].includes(refusal)
    return {
      what: `the proxy ${proxy?.host ?? ''} answered ${refusal}`,
      passing,
      neverSent: true,
      next: refusal === '407' ? 'Put user and password of the proxy into HTTPS_PROXY.' : checkDoor,
    }
  }
  if (code === 'ENOTFOUND')
    return {
      what: `the name ${(proxy ?? url).hostname} is not known here (DNS)`,
      passing: false,
      neverSent: true,
      next: checkDoor,
    }
  if (code === 'EAI_AGAIN')
    return {
      what: `the name ${(proxy ?? url).hostname} could not be looked up (DNS)`,
      passing: true,
      neverSent: true,
      next: checkDoor,
    }
  if (CONNECT.has(code))
    return {
      what:
        code === 'ECONNREFUSED'
          ? `${door} refuses the connection`
          : `no connection to ${door} (${code})`,
      passing: true,
      neverSent: true,
      next: checkDoor,
      down: code === 'ECONNREFUSED' && proxy === undefined,
    }
  if (chain.some((each) => each.name === 'TimeoutError'))
    return {
      what: 'no answer in time',
      passing: true,
      neverSent: false,
      next: 'Look whether the server is overloaded, and run again.',
    }
  if (BROKEN.has(code))
    return {
      what: `the connection broke (${code})`,
      passing: true,
      neverSent: false,
      next: 'Look at the log of the server and of the gateway in front of it, and run again.',
      down:
        proxy === undefined &&
        (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET'),
    }
  if (UNKNOWN_CA.has(code)) {
    const file = env['NODE_EXTRA_CA_CERTS']
    const have =
      file === undefined || file === ''
        ? ''
        : ` It is ${file} now: the file must exist when the command starts, and hold this authority.`
    return {
      what: `its certificate is from an authority that this machine does not know (${code})`,
      passing: false,
      neverSent: true,
      next: `Write the authority's certificate (PEM) to a file and set NODE_EXTRA_CA_CERTS to its path before the command starts.${have}`,
    }
  }
  if (BAD_CERTIFICATE.has(code))
    return {
      what: `its certificate does not hold for this address (${code})`,
      passing: false,
      neverSent: true,
      next: 'Renew the certificate, or use the address that it was made for.',
    }
  if (code === 'EPROTO' || MIXED.test(text))
    return {
      what: 'it does not speak TLS on this port',
      passing: false,
      neverSent: true,
      next: 'Check http:// against https://, and the port.',
    }
  return {
    what: redact(chain[0]?.message ?? String(error)),
    passing: false,
    neverSent: false,
    next: checkDoor,
  }
}

/** The Stop for a server that gave no answer. `where` names it without credentials. */
export function unreachable(where: string, problem: TransportProblem, cause: unknown): Stop {
  const message = `${where} could not be reached: ${problem.what}.`
  return problem.down === true
    ? new ServerDown(message, { next: problem.next, cause })
    : new Stop('server-unreachable', message, { next: problem.next, cause })
}

interface Failure {
  readonly name: string
  readonly message: string
  readonly code: unknown
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
    { name, message: String(error.message), code: 'code' in error ? error.code : undefined },
    ...causes('cause' in error ? error.cause : undefined),
    ...inner.flatMap(causes),
  ]
}

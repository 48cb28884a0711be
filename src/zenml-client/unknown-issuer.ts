import { certificateIssuer } from '../http/certificate-issuer.ts'
import type { Machine } from '../runtime/runtime.ts'

const UNKNOWN_ISSUER =
  /UnknownIssuer|CERTIFICATE_VERIFY_FAILED|certificate verify failed|self[- ]signed certificate|unable to get (?:local )?issuer/i

/**
 * Explains that a host of the package index has a certificate that is not trusted: which host, who
 * issued the certificate, and which variable to set. Undefined when `output`, of uv or of Python,
 * does not report that.
 */
export async function explainUnknownIssuer(
  output: string,
  index: string,
  { env }: Pick<Machine, 'env'>,
): Promise<string | undefined> {
  if (!UNKNOWN_ISSUER.test(output)) return undefined
  const named = /https:\/\/[^\s`'")>,]+/.exec(output)?.[0] ?? index
  if (!URL.canParse(named)) return undefined
  const url = new URL(named)
  const issuer = await certificateIssuer(url, env)
  const by = issuer === undefined ? 'by an unknown authority' : `by "${issuer}"`
  return `The certificate of ${url.host} was issued ${by}, which is not trusted here. Set NODE_EXTRA_CA_CERTS to a file with the certificate of that authority.`
}

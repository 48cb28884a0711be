import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a name server may take, in milliseconds. */
const PATIENCE = 3000

const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4')
PRIVATE.addAddress('::1', 'ipv6')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

/** Names that no public name server knows. */
const PRIVATE_NAME = /^(?!.*\..*$)|(?:^|\.)(?:internal|local|localhost|lan|intranet|home\.arpa)$/

/** Whether an IP address is one of a private network or of this machine. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Whether a host is in a private network, by its name or by every address that it has from here. A
 * name that is not resolved in time is not taken for private: a proxy may know it.
 */
export async function isPrivateHost(host: string): Promise<boolean> {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(name) !== 0) return isPrivateAddress(name)
  if (PRIVATE_NAME.test(name)) return true
  const addresses = await Promise.race([
    lookup(name, { all: true }).catch(() => []),
    delay(PATIENCE, [], { ref: false }),
  ])
  return addresses.length > 0 && addresses.every(({ address }) => isPrivateAddress(address))
}

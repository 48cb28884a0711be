import { Stop } from '../core/stop.ts'
import { ServerDown } from '../http/server-down.ts'
import type { ServerInfo } from '../zenml/info.ts'
import type { ZenmlServer } from '../zenml/types.ts'

/**
 * What one question to the server says. `unknown` is our own trouble (DNS, TLS, proxy, time-out):
 * it proves nothing about the server.
 */
export type Standing =
  | { readonly kind: 'up'; readonly info: ServerInfo }
  | { readonly kind: 'down'; readonly message: string }
  | { readonly kind: 'unknown'; readonly stop: Stop }

/** Asks once. A stop from outside is thrown on. */
export async function standingOf(server: ZenmlServer): Promise<Standing> {
  try {
    return { kind: 'up', info: await server.info({ deadlineSeconds: 0, timeoutSeconds: 10 }) }
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    // A page in the place of the server is what a load balancer shows while nobody is behind it.
    if (error instanceof ServerDown || error.code === 'not-a-zenml-server')
      return { kind: 'down', message: error.message }
    return { kind: 'unknown', stop: error }
  }
}

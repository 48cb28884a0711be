import { Stop, type StopDetails } from '../core/stop.ts'

/**
 * No answer, in the way a stopped or restarting server gives none: refused, cut off, or a gateway
 * that finds nobody behind it.
 */
export class ServerDown extends Stop {
  constructor(message: string, details: StopDetails = {}) {
    super('server-unreachable', message, details)
    this.name = 'ServerDown'
  }
}

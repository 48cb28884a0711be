import { docsUrl } from '../core/docs-url.ts'
import { Stop } from '../core/stop.ts'
import type { CommandContext, Conclusion } from './command.ts'

/** Going back by hand is planned, and not part of this version. */
export function restore({ inputs }: CommandContext<'restore'>): Promise<Conclusion<'restore'>> {
  return Promise.reject(
    new Stop(
      'not-built-yet',
      `restore is not built yet; the ${inputs.environment} server was not touched`,
      {
        next: `Restore the backup by hand: ${docsUrl('backups')} says how each kind is read back.`,
      },
    ),
  )
}

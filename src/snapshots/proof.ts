import type { HydratedSnapshot } from '../zenml/entities.ts'
import type { Problem } from './blueprint.ts'
import { remainingPins } from './compare-records.ts'
import type { DiscoveredSnapshot } from './discovered.ts'
import { carries } from './staleness.ts'

const SHORT_COMMIT = 7

/** Why a snapshot that was just made does not carry the target, or undefined when it does. Pure. */
export function stillStale(
  rebuilt: Pick<DiscoveredSnapshot, 'record' | 'version'>,
  target: string,
): Problem | undefined {
  const pins = remainingPins(rebuilt.record, target)
  if (carries(rebuilt.version, target)) {
    if (pins.length === 0) return undefined
    return {
      message: `The snapshot was made with ${target}, but its docker settings put another ZenML into the image: ${pins.join(', ')}.`,
      next: 'Change them in the code of the pipeline or in the declared configuration, and rebuild.',
    }
  }
  const client = rebuilt.record.metadata.client_version
  const sentence = `The command succeeded but the snapshot still carries ${rebuilt.version}:`
  return client != null && carries(client, target)
    ? {
        message: `${sentence} the build that its configuration names was made with that client.`,
        next: 'Remove `build` from the declared configuration, or name a build of the new client.',
      }
    : {
        message: `${sentence} the client in the environment is old.`,
        next: `Let the requirements of its source allow zenml==${target}.`,
      }
}

/** `abc1234..def5678` when the code was recorded and is another now. Pure. */
export function codeChange(old: HydratedSnapshot, commit: string | undefined): string | null {
  const recorded = old.resources.code_reference?.body?.commit
  if (recorded === undefined || commit === undefined || recorded === commit) return null
  return `${recorded.slice(0, SHORT_COMMIT)}..${commit.slice(0, SHORT_COMMIT)}`
}

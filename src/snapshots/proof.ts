import type { HydratedSnapshot } from '../zenml/entities.ts'
import type { Problem } from './blueprint.ts'
import type { DiscoveredSnapshot } from './discovered.ts'
import { describePin, pinsOfBuild, pinsOfSettings } from './pinned-client.ts'
import { carries } from './versions.ts'

const SHORT_COMMIT = 7

/** Why a snapshot that was just made does not carry the target, or undefined when it does. Pure. */
export function stillStale(
  rebuilt: Pick<DiscoveredSnapshot, 'record' | 'build' | 'version'>,
  target: string,
): Problem | undefined {
  const pins = [
    ...pinsOfSettings(rebuilt.record.metadata, target),
    ...pinsOfBuild(rebuilt.build, target),
  ]
  if (carries(rebuilt.version, target)) {
    if (pins.length === 0) return undefined
    return {
      message: `The snapshot was made with ${target}, but its docker settings put another ZenML into the image: ${pins.map(describePin).join(', ')}.`,
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

/** What a server could do with the old snapshot and cannot do with the new one. Pure. */
export function lostAbilities(old: HydratedSnapshot, rebuilt: HydratedSnapshot): string[] {
  return [
    ...(old.body.runnable && !rebuilt.body.runnable
      ? ['A server could run it, and cannot any more: its build was lost.']
      : []),
    ...(old.body['deployable'] === true && rebuilt.body['deployable'] !== true
      ? ['A server could deploy it, and cannot any more.']
      : []),
  ]
}

/** Reports that a snapshot would lose its code reference, because of the checkout. Pure. */
export function willLoseReference(
  old: HydratedSnapshot,
  { notPushed }: { readonly notPushed?: string | undefined },
): string[] {
  const commit = old.resources.code_reference?.body?.commit
  return commit === undefined || notPushed === undefined
    ? []
    : [
        `It has a code reference (${commit.slice(0, SHORT_COMMIT)}) and would lose it, because ${notPushed}: its code would be put into the image or the artifact store. Commit and push, and let Git ignore other files.`,
      ]
}

/** Reports that the runs of a snapshot no longer take the code from a code repository. Pure. */
export function lostReference(old: HydratedSnapshot, rebuilt: HydratedSnapshot): string[] {
  const commit = old.resources.code_reference?.body?.commit
  return commit === undefined || rebuilt.resources.code_reference?.body != null
    ? []
    : [
        `It had a code reference (${commit.slice(0, SHORT_COMMIT)}) and has none now: its runs no longer take the code from the code repository.`,
      ]
}

import type { SnapshotReport } from '../result/snapshots.ts'
import type { ForkServer } from '../zenml-client/fork-server.ts'
import type { ConfiguredPipeline, JobResult } from '../zenml-client/protocol.ts'
import type { Problem } from './blueprint.ts'
import type { BrokenBuild, BuildEnding } from './build-turns.ts'
import type { Workplace } from './workplace.ts'

type CreateResult = JobResult<'create'>
type CreatedBuild = Extract<CreateResult, { ok: true }>['value']['build']

interface BuildPlace extends Pick<Workplace, 'root'> {
  readonly stack: { readonly id: string }
  readonly client: Pick<ForkServer, 'pythonVersion' | 'zenmlVersion'>
}

/**
 * Two snapshots with the same key use the same build; null where ZenML reuses none for this one.
 * ZenML reuses a build only for the same ZenML and Python, which its checksum does not cover.
 */
export function buildKey(
  { stack, root, client }: BuildPlace,
  planned: ConfiguredPipeline['plannedBuild'],
): string | null {
  const key = planned?.key ?? null
  return key === null
    ? null
    : [stack.id, client.pythonVersion, client.zenmlVersion, root.directory, key].join(' ')
}

/** A full disk or registry says nothing about the next build, and neither does the server. */
const PASSING = /no space left on device|timed? ?out|connection (?:refused|reset)|HTTP 5\d\d/i

/** What the first build of a key says about the others of it. Pure. */
export function endingOf(result: CreateResult, snapshot: string): BuildEnding {
  if (result.ok) return 'built'
  return result.kind === 'build' && !PASSING.test(result.error)
    ? { snapshot, error: result.error }
    : 'unknown'
}

/** Why a snapshot was not tried: its image would fail as that of another one did. */
export function sharedProblem({ snapshot, error }: BrokenBuild): Problem {
  return {
    message: `Its image is that of ${snapshot}, which could not be built or pushed: ${error}`,
    next: `Fix the build of ${snapshot}, whose last lines are in its report, and run this again.`,
  }
}

export function reportedBuild(build: CreatedBuild): SnapshotReport['build'] {
  return build === null
    ? null
    : { id: build.id, 'images-built': build.imagesBuilt, reused: build.isReused }
}

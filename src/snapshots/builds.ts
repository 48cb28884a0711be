import type { SnapshotReport } from '../result/snapshots.ts'
import type { ForkServer } from '../zenml-client/fork-server.ts'
import type { ConfiguredPipeline, JobResult } from '../zenml-client/job-values.ts'
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

/** What may have passed before the next build: a full disk, or a registry that is away. */
const PASSING = /no space left on device|timed? ?out|connection (?:refused|reset)|HTTP 5\d\d/i

/** What the first build of a key says about the others of it. Pure. */
export function endingOf(result: CreateResult, snapshot: string): BuildEnding {
  if (result.ok) return 'built'
  const { kind, error } = result
  if (kind === 'build') return { snapshot, error, isCertain: !PASSING.test(error) }
  // The code was compiled within the same time before: it is the build that takes so long.
  if (kind === 'timeout' || kind === 'crash') return { snapshot, error, isCertain: false }
  return 'unknown'
}

/** Why a snapshot was not tried: its image would fail as that of another one did. Pure. */
export function sharedProblem({ snapshot, error, isCertain }: BrokenBuild): Problem {
  if (!isCertain)
    return {
      message: `It was not tried: the rebuilds of two snapshots with the same image failed, at last that of ${snapshot}: ${error}`,
      next: `Find out why the rebuild of ${snapshot} failed, and run this again.`,
    }
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

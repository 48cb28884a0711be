import { join } from 'node:path'
import pMap from 'p-map'
import type { ForkServer } from '../zenml-client/fork-server.ts'
import type { JobFailure } from '../zenml-client/protocol.ts'
import { Stop } from '../core/stop.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import { supportedPythons } from '../core/versions.ts'
import { blueprintOf, type Blueprint, type Problem } from './blueprint.ts'
import type { SnapshotsDeps, SourceRoot, Stack } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { currentReport, failed } from './reports.ts'

/** What a job on one snapshot needs, all of it checked. */
export interface Workplace {
  readonly client: ForkServer
  readonly root: SourceRoot
  readonly stack: Stack & { readonly id: string }
  readonly blueprint: Blueprint
  /** The fields that every job has. */
  readonly job: {
    readonly sourceRoot: string
    readonly pipelineSource: string
    readonly configPath: string | null
    readonly fromRecord: boolean
    readonly timeoutSeconds: number
    readonly logPath: string
  }
}

export interface Work {
  readonly planning: boolean
  /** What the report says when it does not even come to the work. */
  readonly failedAt: NonNullable<SnapshotReport['failed-at']>
  readonly snapshots: readonly SelectedSnapshot[]
  readonly on: (place: Workplace, snapshot: SelectedSnapshot) => Promise<SnapshotReport>
  /** Told about every report as it comes. */
  readonly done: (report: SnapshotReport) => void
}

/** Of a snapshot that is not declared, in seconds; the file's default for the others. */
const DEFAULT_TIMEOUT_SECONDS = 3600

/**
 * Works on snapshots, one client environment for each source and Python. The reports are in no
 * order.
 */
export async function workOn(deps: SnapshotsDeps, work: Work): Promise<SnapshotReport[]> {
  const reports: SnapshotReport[] = []
  const report = (made: SnapshotReport) => {
    reports.push(made)
    work.done(made)
  }
  const refuse = (selected: SelectedSnapshot, problem: Problem) => {
    report(failed(currentReport(selected), work.failedAt, problem))
  }

  const groups = new Map<
    string,
    { python: string; members: { selected: SelectedSnapshot; stack: Workplace['stack'] }[] }
  >()
  for (const selected of work.snapshots) {
    const python = pythonFor(selected, deps.target)
    const stack = await stackFor(selected, deps)
    if ('message' in python) refuse(selected, python)
    else if ('message' in stack) refuse(selected, stack)
    else {
      const key = `${selected.source.name} ${python.version}`
      const group = groups.get(key) ?? { python: python.version, members: [] }
      groups.set(key, group)
      group.members.push({ selected, stack })
    }
  }

  // All code is brought here before the first snapshot changes: the first group may take hours, and
  // a token does not last.
  const ready = []
  for (const { python, members } of groups.values()) {
    const [first] = members
    if (first !== undefined)
      ready.push({ python, members, first, root: await deps.sourceRoot(first.selected.source) })
  }
  for (const { python, members, first, root } of ready) {
    const integrations = [...new Set(members.flatMap(({ stack }) => stack.integrations))].sort()
    const client = await startClient(deps, {
      source: first.selected.source,
      root,
      python,
      integrations,
      planning: work.planning,
    })
    if ('message' in client) {
      for (const { selected } of members) refuse(selected, client)
      continue
    }
    try {
      await pMap(
        members,
        async ({ selected, stack }) => {
          const blueprint = await blueprintOf(selected, {
            environment: deps.environment,
            target: deps.target,
            root,
          })
          if ('message' in blueprint) {
            refuse(selected, blueprint)
            return
          }
          report(
            await work.on(
              {
                client,
                root,
                stack,
                blueprint,
                job: commonJob(deps, selected, root, blueprint, work.failedAt),
              },
              selected,
            ),
          )
        },
        { concurrency: deps.parallel },
      )
    } finally {
      await client.close()
    }
  }
  return reports
}

export function timeoutOf({ declaration }: SelectedSnapshot): number {
  return declaration?.timeout ?? DEFAULT_TIMEOUT_SECONDS
}

/** A failed job in words. */
export function jobProblem(failure: JobFailure, logPath: string): Problem {
  const titles: Readonly<Record<string, string>> = {
    import: 'Its code cannot be imported',
    configure: 'Its configuration does not fit its code or its stack',
    create: 'The snapshot could not be created',
    run: 'The run failed',
  }
  const title = titles[failure.kind]
  return {
    message: title === undefined ? failure.error : `${title}: ${failure.error}`,
    next: failure.next ?? `Read ${logPath}.`,
  }
}

function commonJob(
  deps: SnapshotsDeps,
  selected: SelectedSnapshot,
  root: SourceRoot,
  blueprint: Blueprint,
  at: string,
): Workplace['job'] {
  const name = selected.snapshot.key.replaceAll(/[^\w.-]+/g, '_')
  return {
    sourceRoot: root.directory,
    pipelineSource: blueprint.pipelineSource,
    configPath: blueprint.configPath,
    fromRecord: blueprint.configPath === null,
    timeoutSeconds: timeoutOf(selected),
    logPath: join(deps.logDirectory, `${name}.${at}.log`),
  }
}

/**
 * Requirements that cannot be installed together fail the snapshots of that source; an index that
 * cannot be reached ends the command.
 */
async function startClient(
  deps: SnapshotsDeps,
  needs: Parameters<SnapshotsDeps['prepareClient']>[0],
): Promise<ForkServer | Problem> {
  try {
    return await deps.startForkServer(await deps.prepareClient(needs))
  } catch (error) {
    if (!(error instanceof Stop) || error.code !== 'preflight-failed') throw error
    return {
      message: error.message,
      next: error.next ?? `Correct \`install\` of the source ${needs.source.name}.`,
    }
  }
}

/** The source's own Python, else the recorded one, because the image is built on it. */
function pythonFor(
  { source, snapshot }: SelectedSnapshot,
  target: string,
): { readonly version: string } | Problem {
  const supported = supportedPythons(target)
  const version = source.python ?? snapshot.python ?? supported.at(-1)
  if (version !== undefined && supported.includes(version)) return { version }
  return {
    message: `It was made with Python ${version ?? 'unknown'}, and ZenML ${target} runs on ${supported.join(', ')}.`,
    next: `Set \`python\` of the source ${source.name} to one of these.`,
  }
}

async function stackFor(
  { snapshot }: SelectedSnapshot,
  deps: SnapshotsDeps,
): Promise<Workplace['stack'] | Problem> {
  const gone = {
    message: 'Its stack was deleted.',
    next: 'Register the stack and create the snapshot once by hand on it, or exclude the snapshot.',
  }
  if (snapshot.stack === undefined) return gone
  const stack = await deps.stack(snapshot.stack.id)
  return stack === undefined ? gone : { ...stack, id: snapshot.stack.id }
}

import type { RunReport } from '../result/run.ts'
import { redactForeign } from '../runtime/secrets.ts'
import {
  hydratedRunSchema,
  stepDetailSchema,
  stepSchema,
  type HydratedRun,
  type Step,
  type StepDetail,
} from '../zenml/run-entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { runUrl } from './run-url.ts'

/** Where the code of a run came from: an image on the server, or the source on this machine. */
export type RunOrigin = 'server' | 'source'

/**
 * Returns everything a report says about a run. What the server does not know is null. Two requests,
 * three for a failed run, and two once for each server and project.
 */
export async function explainRun(
  server: ZenmlServer,
  runId: string,
  origin: RunOrigin,
): Promise<RunReport> {
  const run = await server.get(`/runs/${runId}`, hydratedRunSchema)
  const steps = await server.list(`/runs/${runId}/steps`, stepSchema, {
    project: run.body.project_id,
  })
  const failed = steps.find((step) => step.body.status === 'failed')
  const detail =
    failed === undefined ? undefined : await server.get(`/steps/${failed.id}`, stepDetailSchema)
  return describeRun({ run, steps, failed: detail, url: await runUrl(server, run), origin })
}

export interface RunFacts {
  readonly run: HydratedRun
  readonly steps: readonly Step[]
  /** The first step that failed. */
  readonly failed: StepDetail | undefined
  readonly url: string | null
  readonly origin: RunOrigin
}

export function describeRun({ run, steps, failed, url, origin }: RunFacts): RunReport {
  const ended = run.body.status === 'failed' || run.body.status === 'stopped'
  return {
    id: run.id,
    name: run.name,
    status: run.body.status,
    'zenml-version': versionUsed(run, origin),
    'all-cached':
      steps.length === 0
        ? run.body.status === 'cached'
          ? true
          : null
        : steps.every((step) => step.body.status === 'cached'),
    'failed-step': failed?.name ?? null,
    exception:
      exceptionLine(failed?.metadata.exception_info) ??
      exceptionLine(run.metadata.exception_info) ??
      (ended ? oneLine(run.body.status_reason ?? '') : null),
    url,
  }
}

/**
 * Returns the ZenML version that a run really used: that of the environment of its orchestrator. A
 * run that only read the cache has none, and a dynamic pipeline records none; when it was run from
 * the source on this machine, it used the client that started it.
 */
export function versionUsed({ metadata }: HydratedRun, origin: RunOrigin): string | null {
  const version =
    metadata.orchestrator_environment?.['zenml_version'] ??
    (origin === 'source' ? metadata.client_environment?.['zenml_version'] : undefined)
  return typeof version === 'string' ? version : null
}

/** `ValueError: no rows left`, from what ZenML recorded of an exception. */
function exceptionLine(info: StepDetail['metadata']['exception_info']): string | null {
  if (info === undefined || info === null) return null
  const className = info.source?.replace(/^builtins\./, '')
  return oneLine(
    [className, info.message ?? undefined]
      .filter((part) => part !== undefined && part !== '')
      .join(': '),
  )
}

/** The first line without secrets, of bearable length, or null for an empty one. */
function oneLine(text: string): string | null {
  const line = redactForeign(text).trim().split('\n')[0]?.trim() ?? ''
  if (line === '') return null
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

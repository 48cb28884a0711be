import type { RunReport } from '../result/run.ts'
import { redact } from '../runtime/secrets.ts'
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

/**
 * Everything a report tells about a run. What the server does not know is null. Two requests, three
 * for a failed run, and two once for each server and project.
 */
export async function explainRun(server: ZenmlServer, runId: string): Promise<RunReport> {
  const [run, steps] = await Promise.all([
    server.get(`/runs/${runId}`, hydratedRunSchema),
    server.list(`/runs/${runId}/steps`, stepSchema),
  ])
  const failed = steps.find((step) => step.body.status === 'failed')
  const detail =
    failed === undefined ? undefined : await server.get(`/steps/${failed.id}`, stepDetailSchema)
  return describeRun(run, steps, detail, await runUrl(server, run))
}

export function describeRun(
  run: HydratedRun,
  steps: readonly Step[],
  failed: StepDetail | undefined,
  url: string | null,
): RunReport {
  const version = run.metadata.orchestrator_environment?.['zenml_version']
  const ended = run.body.status === 'failed' || run.body.status === 'stopped'
  return {
    id: run.id,
    name: run.name,
    status: run.body.status,
    // The environment in which the run really was; a run that only read the cache has none.
    'zenml-version': typeof version === 'string' ? version : null,
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
  const line = redact(text).trim().split('\n')[0]?.trim() ?? ''
  if (line === '') return null
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

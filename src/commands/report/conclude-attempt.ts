import type { Environment } from '../../core/environments.ts'
import type { GithubWarning } from '../../github/errors.ts'
import type { AttemptStore } from '../../state/attempt.ts'
import { attemptFor, recordFinding, snapshotBaseline } from '../../state/evidence.ts'
import { expectationsOf, judgeAttempt } from '../../state/verdict.ts'
import { attemptEnd, didWorkOn } from '../../report/attempt-end.ts'
import { flowEnd } from '../../report/flow.ts'
import type { JobsOfRun } from '../../report/job-end.ts'
import type { Result } from '../../result/result.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { joinShards, partsOf } from '../../snapshots/join-shards.ts'
import { asWarning } from '../../session/as-warning.ts'
import type { Content, Tested } from '../../session/content.ts'
import { findingsThatCount, type GithubPlace, type Place } from '../../state/backend.ts'

interface Concluding {
  readonly machine: Machine
  readonly place: Place
  readonly github: GithubPlace
  readonly environment: Environment
  readonly content: Content
  /** Of this run. */
  readonly results: readonly Result[]
  /** With what the record says. */
  readonly all: readonly Result[]
  readonly jobs: JobsOfRun
}

/**
 * Joins the shards of the snapshots into one finding, and shows on the deployment of the attempt
 * how it ended.
 */
export async function concludeAttempt({
  machine,
  place,
  github: { attempts, context },
  environment,
  content,
  results,
  all,
  jobs,
}: Concluding): Promise<GithubWarning | undefined> {
  const hasWork = didWorkOn(environment, results)
  // Results are lost with their runner or their artifacts: the record may know of the work.
  const mayHaveWorked = jobs.ends.length > 0 || jobs.fromRecord.length > 0
  if (!hasWork && !mayHaveWorked) return undefined
  const done = await asWarning('how the attempt ended was not written', async () => {
    const store = findingsThatCount(place, machine, {
      measuring: results.some(
        (result) => result.command === 'rebuild-snapshots' && result.details?.shard != null,
      ),
    })
    const subject = await content.testedIn(environment)
    await recordShards({ machine, store, environment, content, subject, results })
    const attempt = attemptFor(await store.list(environment), {
      tested: subject.tested,
      targetVersion: content.target,
    })
    if (attempt === undefined) return undefined
    if (!hasWork) {
      const origins = await attempts.originsOf(environment, attempt.id)
      if (!origins.some(({ run }) => run === context.run.key)) return undefined
    }
    const { green } = judgeAttempt(attempt, expectationsOf(content.config, environment))
    return attempts.conclude({
      environment,
      id: attempt.id,
      ...attemptEnd(green, flowEnd(environment, all, results, jobs)),
      serverUrl: content.config.environments[environment].server,
    })
  })
  return 'warning' in done ? done.warning : done.value
}

/** A shard is no evidence for the whole; all of them together are. */
async function recordShards({
  machine,
  store,
  environment,
  content,
  subject,
  results,
}: Omit<Concluding, 'place' | 'github' | 'all' | 'jobs'> & {
  readonly store: AttemptStore
  readonly subject: Tested
}): Promise<void> {
  const known = await store.list(environment)
  const attempt = attemptFor(known, { tested: subject.tested, targetVersion: content.target })
  if (attempt === undefined) return
  const parts = partsOf(environment, results, attempt)
  const policy = content.config.deployments[environment]
  for (const joined of joinShards(parts, { baseline: snapshotBaseline(known), policy }))
    await recordFinding(
      store,
      {
        environment,
        ...subject,
        sha: content.sha,
        targetVersion: content.target,
        serverId: attempt['server-id'],
        serverUrl: attempt['server-url'],
        now: machine.now(),
      },
      {
        command: 'rebuild-snapshots',
        mode: joined.details.mode,
        reasonCode: joined.code,
        summary: joined.summary,
        zenmlVersion: joined.details['zenml-version'],
        discovered: joined.details.discovered,
        snapshots: joined.details,
      },
    )
}

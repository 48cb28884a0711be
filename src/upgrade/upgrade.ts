import { openAttempt, type Attempt } from '../state/attempt.ts'
import { attemptId, testedOf } from '../state/evidence.ts'
import { outcomeOf } from '../core/reasons.ts'
import type { Override } from '../result/promotion.ts'
import { sameVersion } from '../core/versions.ts'
import type { ServerInfo } from '../zenml/info.ts'
import { refusedByPreflight } from './preflight.ts'
import { detailsOf, emptyProgress } from './progress.ts'
import { alreadyThere } from './already-there.ts'
import { heldByGate, heldByLoss } from './holds.ts'
import { infoOfCutOff } from './cut-off-server.ts'
import { continueAttempt } from './resume.ts'
import { decideStart, howItEnded, type Start } from './start.ts'
import { backUp, verify } from './steps.ts'
import {
  end,
  told,
  workOn,
  type UpgradeEnd,
  type UpgradeSettings,
  type UpgradeTools,
} from './work.ts'

/**
 * Brings the server of an environment to the target version, or finds out why not: plan, preflight,
 * backup, deployment, waiting for the server's own word, verification, and the way back. Continues
 * what a killed run left.
 * @throws Stop for what could not be measured before anything was changed.
 */
export async function upgrade(settings: UpgradeSettings, tools: UpgradeTools): Promise<UpgradeEnd> {
  const first = await look(settings, tools)
  if (first.start.kind === 'noop' || first.start.kind === 'held')
    return await withoutWork(settings, tools, first.start, first.info)
  if (settings.dryRun) return rehearse(settings, tools, first)
  const lock = await tools.lock(first.info?.id ?? serverIdOf(first.start))
  try {
    return await underLock(settings, tools)
  } finally {
    // The end is already known and must not be replaced: a lock that stays is taken over when its
    // owner is gone.
    await lock.release().catch((error: unknown) => {
      tools.machine.log.warn(`the lock could not be released: ${String(error)}`)
    })
  }
}

/**
 * Decides again, because another run may have ended between the first look and the lock; finishes a
 * cut-off attempt before it begins a new one.
 */
async function underLock(settings: UpgradeSettings, tools: UpgradeTools): Promise<UpgradeEnd> {
  for (;;) {
    const { start, info, attempts } = await look(settings, tools)
    switch (start.kind) {
      case 'noop':
      case 'held':
        return await withoutWork(settings, tools, start, info)
      case 'upgrade':
      case 'deployed-before-backup':
        return await beginAttempt(settings, tools, start, { info: demandInfo(info), attempts })
      case 'continue': {
        if (isOutdated(start, settings, info)) {
          await giveUp(settings, tools, start)
          break
        }
        const end = await finishAttempt(settings, tools, start)
        if (end !== undefined) return end
      }
    }
  }
}

async function beginAttempt(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  start: Start & { kind: 'upgrade' | 'deployed-before-backup' },
  { info, attempts }: { info: ServerInfo; attempts: readonly Attempt[] },
): Promise<UpgradeEnd> {
  const from = start.kind === 'upgrade' ? info.version : start.fromVersion
  const now = newAttempt(settings, tools, info, from, await overrideOf(tools, start))
  const attempt = { ...now, id: attemptId(tools.machine.now(), settings.target, attempts) }
  const work = workOn(settings, tools, attempt)
  if (start.kind === 'upgrade') {
    const stopped = await refusedByPreflight(work, info)
    if (stopped !== undefined) return stopped
  }
  await tools.store.begin(attempt)
  return told(work, async () => {
    if (start.kind === 'upgrade') return backUp(work)
    await work.journal.overtaken()
    return verify(work, 'deployed-before-backup')
  })
}

/** Who let the attempt begin against a closed gate or a blocked version; null where no one had to. */
async function overrideOf(
  tools: UpgradeTools,
  start: Start & { kind: 'upgrade' | 'deployed-before-backup' },
): Promise<Override | null> {
  const answer = await tools.gate()
  const opened = answer.kind === 'open' ? answer.override : null
  return opened ?? (start.kind === 'upgrade' ? start.retry : null)
}

/** Closes an attempt that was cut off before it changed anything. */
async function giveUp(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  { attempt }: Start & { kind: 'continue' },
): Promise<void> {
  const summary = `attempt ${attempt.id} to ZenML ${attempt['target-version']} was cut off before it changed anything, and is given up`
  tools.machine.log.info(summary)
  const work = workOn(settings, tools, attempt)
  await work.journal.close({
    code: 'cancelled',
    summary,
    next: undefined,
    details: detailsOf(work.progress, tools.driver.name, []),
  })
}

/** Finishes a cut-off attempt; undefined where the run then goes on to its own target. */
async function finishAttempt(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  start: Start & { kind: 'continue' },
): Promise<UpgradeEnd | undefined> {
  const { attempt } = start
  const end = await continueAttempt(settings, tools, start)
  if (outcomeOf(end.reasonCode) !== 'success') return end
  if (settings.environment === 'production' && !isFor(attempt, settings))
    return gateFirst(end, attempt, settings)
  if (sameVersion(attempt['target-version'], settings.target)) return end
  tools.machine.log.info(
    `attempt ${attempt.id} to ZenML ${attempt['target-version']} is finished; now to ${settings.target}`,
  )
  return undefined
}

function isFor(attempt: Attempt, { tested, target }: UpgradeSettings): boolean {
  return attempt.tested === tested && sameVersion(attempt['target-version'], target)
}

/**
 * The gate let the run in to finish what was begun, whatever it thinks of the content that is there
 * now.
 */
function gateFirst(
  end: UpgradeEnd,
  attempt: Attempt,
  { environment, target }: UpgradeSettings,
): UpgradeEnd {
  return {
    ...end,
    reasonCode: 'gate-first',
    summary: `${environment}: ${end.summary}; attempt ${attempt.id} was about other content than ZenML ${target} of this commit, which the gate was not asked about`,
    next: undefined,
  }
}

/**
 * Cut off before its first change, and made for another target or another server version than there
 * is now: its checks and its backup say nothing any more.
 */
function isOutdated(
  { attempt, at }: Start & { kind: 'continue' },
  { target }: UpgradeSettings,
  info: ServerInfo | undefined,
): boolean {
  return (
    at === 'backup' &&
    (!sameVersion(attempt['target-version'], target) ||
      (info !== undefined && !sameVersion(info.version, attempt['from-version'])))
  )
}

interface Looked {
  readonly start: Start
  readonly info: ServerInfo | undefined
  readonly attempts: readonly Attempt[]
}

async function look(settings: UpgradeSettings, tools: UpgradeTools): Promise<Looked> {
  const attempts = await tools.store.list(settings.environment)
  const open = openAttempt(attempts)
  const info = open === undefined ? await tools.server.info() : await infoOfCutOff(tools, open)
  const start = decideStart({
    serverVersion: info?.version,
    target: settings.target,
    attempts,
    inputs: settings.inputs,
    retry: settings.retry,
    retryWith: settings.retryWith,
    deployedByOthers: tools.driver.revertHint !== undefined,
  })
  const held =
    (await heldByLoss(settings, tools, start, { attempts, info })) ??
    (await heldByGate(tools, start, info))
  return { start: held ?? start, info, attempts }
}

async function withoutWork(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  start: Start & { kind: 'noop' | 'held' },
  info: ServerInfo | undefined,
): Promise<UpgradeEnd> {
  const answering = demandInfo(info)
  const { version, id } = answering
  if (start.kind === 'noop') return withoutChange(settings, tools, answering)
  const details = detailsOf(
    {
      ...emptyProgress(),
      fromVersion: version,
      toVersion: version,
      serverId: id,
      changed: false,
      lost: start.lost ?? [],
    },
    tools.driver.name,
    [],
  )
  return {
    reasonCode: start.code,
    summary: `${settings.environment}: ${start.message}`,
    next: start.next,
    details,
  }
}

/**
 * Ends a run that has nothing to upgrade. The key is used all the same, and a dry run makes every
 * check of an upgrade, so that what is wrong is not found out only by the next one.
 */
async function withoutChange(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  info: ServerInfo,
): Promise<UpgradeEnd> {
  const work = workOn(settings, tools, newAttempt(settings, tools, info, info.version, null))
  if (settings.dryRun) {
    const refused = await refusedByPreflight(work, info)
    if (refused !== undefined) return refused
  } else await tools.inventory()
  return {
    ...(await alreadyThere(settings, tools, info.id)),
    details: detailsOf(work.progress, tools.driver.name, []),
  }
}

async function rehearse(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  { start, info }: { start: Start; info: ServerInfo | undefined },
): Promise<UpgradeEnd> {
  if (start.kind === 'continue') {
    return {
      reasonCode: 'dry-run',
      summary: `${settings.environment}: attempt ${start.attempt.id} ${howItEnded(start.attempt)}; a real run would go on at its step "${start.at}"`,
      details: detailsOf(emptyProgress(), tools.driver.name, []),
    }
  }
  const answering = demandInfo(info)
  const attempt = newAttempt(settings, tools, answering, answering.version, null)
  const work = workOn(settings, tools, attempt)
  return (
    (await refusedByPreflight(work, answering)) ??
    end(
      work,
      'dry-run',
      `${settings.environment}: would go from ZenML ${answering.version} to ${settings.target} by ${tools.driver.name}; every check passed`,
    )
  )
}

function newAttempt(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  info: ServerInfo,
  fromVersion: string,
  override: Override | null,
): Attempt {
  const now = tools.machine.now()
  return {
    'schema-version': 1,
    id: attemptId(now, settings.target, []),
    environment: settings.environment,
    started: now.toISOString(),
    sha: settings.sha,
    ...testedOf(settings),
    'server-id': info.id,
    'server-url': tools.server.url,
    'from-version': fromVersion,
    'target-version': settings.target,
    ...(override === null ? {} : { override }),
    entries: [],
  }
}

function serverIdOf(start: Start): string {
  if (start.kind !== 'continue')
    throw new Error('a server that does not answer has an id only in an open attempt')
  return start.attempt['server-id']
}

function demandInfo(info: ServerInfo | undefined): ServerInfo {
  if (info === undefined) throw new Error('a new attempt begins only where the server answered')
  return info
}

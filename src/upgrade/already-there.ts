import type { Attempt } from '../state/attempt.ts'
import { attemptFor, beginWithoutUpgrade } from '../state/evidence.ts'
import { judgeAttempt, upgradeProblem } from '../state/verdict.ts'
import type { UpgradeEnd, UpgradeSettings, UpgradeTools } from './work.ts'

/** Ends a run that finds the target on the server; it is recorded for this content. */
export async function alreadyThere(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  serverId: string,
): Promise<Omit<UpgradeEnd, 'details'>> {
  const subject = {
    environment: settings.environment,
    tested: settings.tested,
    sources: settings.sources,
    inputs: settings.inputs,
    sha: settings.sha,
    targetVersion: settings.target,
    serverId,
    serverUrl: tools.server.url,
    now: tools.machine.now(),
  }
  const earlier = await tools.store.list(settings.environment)
  const newest = earlier.at(-1)
  const known =
    newest !== undefined && isReusable(newest, serverId) ? attemptFor([newest], subject) : undefined
  if (known !== undefined && judgeAttempt(known, settings.expectations).green) {
    return {
      reasonCode: 'already-green',
      summary: `${settings.environment}: the server reports ZenML ${settings.target}, and everything was done for exactly this content in ${known.id}`,
      attempt: known.id,
    }
  }
  // A record that is not the newest says nothing any more: what came after it may have changed the
  // server.
  const attempt = settings.dryRun
    ? undefined
    : (known ?? (await beginWithoutUpgrade(tools.store, subject, earlier)))
  return {
    reasonCode: 'already-at-target',
    summary: `${settings.environment}: the server already reports ZenML ${settings.target}`,
    attempt: attempt?.id,
  }
}

/**
 * Of this very server, and of an upgrade that did not end badly: that one stays red, also once the
 * server is at the target.
 */
function isReusable(attempt: Attempt, serverId: string): boolean {
  return attempt['server-id'] === serverId && upgradeProblem(attempt) === undefined
}

import { judgeGate } from '../promotion/gate.ts'
import { Stop } from '../report/stop.ts'
import type { Machine } from '../runner/machine.ts'
import { connect } from '../zenml/server.ts'
import type { CommandContext, Conclusion } from './command.ts'
import { openWorkspace } from './workspace.ts'

/** Whether production may follow staging. Only `gate` is built; it reads the records of the state directory. */
export async function promote({ inputs, machine }: CommandContext<'promote'>): Promise<Conclusion<'promote'>> {
  if (inputs.step !== 'gate') throw new Stop('not-built-yet', `step ${inputs.step} is not built yet`, { next: 'Use step gate.' })
  if (inputs.environment !== 'production') {
    throw new Stop('invalid-input', `the gate leads to production, and input environment is ${inputs.environment}`, { next: 'Run it with environment production.' })
  }
  const { target, tested, config, store, file, server } = await openWorkspace(inputs, machine)
  const verdict = judgeGate({
    target, tested, file,
    now: machine.now(),
    expectations: { smokeSuite: config.smoke.length > 0, executeSnapshots: config.execute.staging !== 'none' },
    stagingAttempts: await store.list('staging'),
    productionAttempts: await store.list('production'),
    staging: await reported(config.environments.staging.server, machine),
    production: await reported(server.url, machine),
    promotion: config.promotion,
    pullRequest: null,
    override: null
  })
  for (const { message } of verdict.closedFor) machine.log.fail(message)
  const reasons = verdict.closedFor.map(({ code, message }) => ({ 'reason-code': code, message }))
  return {
    reasonCode: verdict.reasonCode,
    summary: verdict.summary,
    next: verdict.gate === 'closed' ? verdict.next : undefined,
    outputs: { gate: verdict.gate ?? undefined, reasons: JSON.stringify(reasons.map((reason) => reason['reason-code'])) },
    details: { step: 'gate', gate: verdict.gate, reasons, tested, 'target-version': target }
  }
}

/** What a server reports, or why it could not be asked; needs no key. */
async function reported(url: string | undefined, machine: Machine): Promise<{ readonly version: string } | { readonly unknown: string }> {
  if (url === undefined) return { unknown: 'the file does not name its address' }
  try {
    return { version: (await connect({ url, machine }).info()).version }
  } catch (error) {
    if (error instanceof Stop && error.code !== 'cancelled') return { unknown: error.message }
    throw error
  }
}

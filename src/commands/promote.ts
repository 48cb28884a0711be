import { openAttempt } from '../record/attempt.ts'
import { gateConditions } from '../promotion/gate.ts'
import { Stop } from '../report/stop.ts'
import { sameVersion } from '../versions.ts'
import { connect } from '../zenml/server.ts'
import type { CommandContext, Conclusion } from './command.ts'
import { openWorkspace } from './workspace.ts'

/** Whether production may follow staging. Only `gate` is built; it reads the records of the state directory. */
export async function promote({ inputs, machine }: CommandContext<'promote'>): Promise<Conclusion<'promote'>> {
  if (inputs.step !== 'gate') throw new Stop('not-built-yet', `step ${inputs.step} is not built yet`, { next: 'Use step gate.' })
  if (inputs.environment !== 'production') throw new Stop('invalid-input', 'the gate leads to production: input environment must be production')
  const workspace = await openWorkspace(inputs, machine)
  const { target, tested, config, store, file } = workspace
  const productionAttempts = await store.list('production')
  const info = await workspace.server.info()
  if (sameVersion(info.version, target) && openAttempt(productionAttempts) === undefined) {
    return {
      reasonCode: 'already-at-target', summary: `production already reports ZenML ${target}, and no work is open; the gate was not asked`,
      details: { step: 'gate', gate: null, reasons: [], tested, 'target-version': target }
    }
  }
  const staging = config.environments.staging.server
  const closed = gateConditions({
    target, tested, file, productionAttempts,
    expectations: { smokeSuite: config.smoke.length > 0, executeSnapshots: config.execute.staging !== 'none' },
    stagingAttempts: await store.list('staging'),
    staging: staging === undefined
      ? { unknown: 'the file does not name its address' }
      : await connect({ url: staging, machine }).info().then(({ version }) => ({ version }), (error: unknown) => {
          if (error instanceof Stop && error.code !== 'cancelled') return { unknown: error.message }
          throw error
        })
  })
  for (const { message } of closed) machine.log.fail(message)
  const reasons = closed.map(({ code, message }) => ({ 'reason-code': code, message }))
  const [first] = closed
  const outputs = { gate: first === undefined ? 'open' : 'closed', reasons: JSON.stringify(reasons.map((reason) => reason['reason-code'])) }
  const details = { step: 'gate' as const, gate: first === undefined ? 'open' as const : 'closed' as const, reasons, tested, 'target-version': target }
  if (first === undefined) return { reasonCode: 'gate-open', summary: `staging is green for exactly this content at ZenML ${target}`, outputs, details }
  return {
    // What could not be asked is no verdict about staging; everything else holds production back.
    reasonCode: closed.find(({ code }) => code !== 'server-unreachable')?.code ?? first.code,
    summary: `the gate to production is closed: ${closed.map(({ message }) => message).join('; ')}`,
    next: 'Run the staging flow for this content until it is green.',
    outputs,
    details
  }
}

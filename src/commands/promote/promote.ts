import { Stop } from '../../core/stop.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import { askStaging } from './ask-staging.ts'
import { gate } from './gate.ts'
import { propose } from './propose.ts'

/** One step of the way from staging to production. */
export async function promote(context: CommandContext<'promote'>): Promise<Conclusion<'promote'>> {
  const { step, environment } = context.inputs
  switch (step) {
    case 'propose':
      return propose(context).catch(toldAsProposal)
    case 'gate':
      return environment === 'production' ? gate(context) : askStaging(context)
  }
}

/**
 * A proposal that could not be made says nothing about staging or the gate: its result keeps its
 * step.
 */
function toldAsProposal(error: unknown): Conclusion<'promote'> {
  if (!(error instanceof Stop) || error.code === 'cancelled') throw error
  const details = {
    step: 'propose' as const,
    gate: null,
    reasons: [],
    tested: null,
    'target-version': null,
  }
  return { reasonCode: error.code, summary: error.message, next: error.next, details }
}

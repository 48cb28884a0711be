import type { GateFacts } from '../../../src/promotion/gate.ts'
import { greenAttempt } from '../state/attempts.ts'

/**
 * Everything speaks for production: a test changes what it is about. Monday; staging turned green
 * at midnight of 1 January 2026.
 */
export const OPEN: GateFacts = {
  target: '0.98.0',
  tested: 'tested',
  sources: [],
  inputs: { digest: 'inputs', files: [] },
  expectations: { smokeSuite: true, executeSnapshots: true },
  stagingAttempts: [greenAttempt()],
  productionAttempts: [],
  staging: { version: '0.98.0' },
  production: { version: '0.94.1' },
  productionExpectations: { smokeSuite: false, executeSnapshots: false },
  now: new Date('2026-01-05T12:00:00Z'),
  promotion: { soak: 0, 'hold-label': 'upgrade-hold', freeze: [] },
  pullRequest: { number: 7, labels: ['dependencies'] },
  override: null,
}

export const policy = (changes: Partial<GateFacts['promotion']>): Pick<GateFacts, 'promotion'> => ({
  promotion: { ...OPEN.promotion, ...changes },
})

export const WEEKEND = 'Fri 15:00 – Mon 07:00 Europe/Berlin'

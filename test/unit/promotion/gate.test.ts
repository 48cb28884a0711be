import { describe, expect, it } from '@jest/globals'
import { gateConditions, type GateFacts } from '../../../src/promotion/gate.ts'
import { closed, evidence, greenAttempt } from '../record/attempts.ts'

const OPEN: GateFacts = {
  target: '0.98.0', tested: 'tested', file: 'file', expectations: { smokeSuite: true, executeSnapshots: true },
  stagingAttempts: [greenAttempt()], productionAttempts: [], staging: { version: '0.98.0' }
}
const UPGRADED = closed('upgraded')
const SMOKE = evidence('run-smoke-suite', null, 'smoke-passed')
const ALL = evidence('rebuild-snapshots', 'all', 'snapshots-executed')

const OPENING: [string, Partial<GateFacts>][] = [
  ['staging is green', {}],
  ['rebuild and execution ran as two commands', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, SMOKE, evidence('rebuild-snapshots', 'rebuild', 'snapshots-rebuilt'), evidence('rebuild-snapshots', 'execute', 'snapshots-executed')] })] }],
  ['a red smoke suite was run again and is green now', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, evidence('run-smoke-suite', null, 'smoke-failed'), SMOKE, ALL] })] }],
  ['the file asks for no smoke suite', { expectations: { smokeSuite: false, executeSnapshots: true }, stagingAttempts: [greenAttempt({ entries: [UPGRADED, ALL] })] }],
  ['the file asks for no execution', { expectations: { smokeSuite: true, executeSnapshots: false }, stagingAttempts: [greenAttempt({ entries: [UPGRADED, SMOKE, evidence('rebuild-snapshots', 'rebuild', 'snapshots-rebuilt')] })] }],
  ['no snapshot was stale', { expectations: { smokeSuite: true, executeSnapshots: false }, stagingAttempts: [greenAttempt({ entries: [UPGRADED, SMOKE, evidence('rebuild-snapshots', 'rebuild', 'nothing-to-rebuild')] })] }],
  ['staging needed no upgrade', { stagingAttempts: [greenAttempt({ entries: [closed('already-at-target'), SMOKE, ALL] })] }],
  ['another version was rolled back in production', { productionAttempts: [greenAttempt({ environment: 'production', 'target-version': '0.97.0', entries: [closed('rolled-back')] })] }],
  ['this version was rolled back and the file changed since', { productionAttempts: [greenAttempt({ environment: 'production', file: 'other', entries: [closed('rolled-back')] })] }]
]

const CLOSING: [string, Partial<GateFacts>, string[]][] = [
  ['staging has no record', { stagingAttempts: [] }, ['staging-not-green']],
  ['the content is another', { tested: 'other' }, ['staging-not-green']],
  ['the version is another', { target: '0.98.1', staging: { version: '0.98.1' } }, ['staging-not-green']],
  ['staging went on to other content', { stagingAttempts: [greenAttempt(), greenAttempt({ tested: 'other' })] }, ['staging-not-green']],
  ['the upgrade did not end', { stagingAttempts: [greenAttempt({ entries: [SMOKE, ALL] })] }, ['staging-not-green']],
  ['the upgrade was rolled back', { stagingAttempts: [greenAttempt({ entries: [closed('rolled-back'), SMOKE, ALL] })] }, ['staging-not-green']],
  ['something decreased in staging', { stagingAttempts: [greenAttempt({ entries: [closed('counts-decreased'), SMOKE, ALL] })] }, ['staging-not-green']],
  ['the smoke suite is red', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, evidence('run-smoke-suite', null, 'smoke-failed'), ALL] })] }, ['staging-not-green']],
  ['the smoke suite turned red later', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, SMOKE, ALL, evidence('run-smoke-suite', null, 'smoke-failed')] })] }, ['staging-not-green']],
  ['the smoke suite did not run', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, ALL] })] }, ['staging-not-green']],
  ['the smoke suite ran against the old version', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, evidence('run-smoke-suite', null, 'smoke-passed', '0.94.1'), ALL] })] }, ['staging-not-green']],
  ['a dry run is all there is', { stagingAttempts: [greenAttempt({ entries: [closed('dry-run'), SMOKE, ALL] })] }, ['staging-not-green']],
  ['the snapshots were only planned', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, SMOKE, evidence('rebuild-snapshots', 'plan', 'snapshots-planned')] })] }, ['staging-not-green', 'staging-not-green']],
  ['the snapshots were rebuilt and not executed', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, SMOKE, evidence('rebuild-snapshots', 'rebuild', 'snapshots-rebuilt')] })] }, ['staging-not-green']],
  ['a snapshot failed', { stagingAttempts: [greenAttempt({ entries: [UPGRADED, SMOKE, evidence('rebuild-snapshots', 'all', 'snapshots-failed')] })] }, ['staging-not-green', 'staging-not-green']],
  ['the staging server left the version', { staging: { version: '0.97.0' } }, ['staging-moved']],
  ['the staging server does not answer', { staging: { unknown: 'refused' } }, ['server-unreachable']],
  ['the version was rolled back in production', { productionAttempts: [greenAttempt({ environment: 'production', entries: [closed('rolled-back')] })] }, ['version-blocked']],
  ['several things at once, all of them listed', { stagingAttempts: [], staging: { version: '0.97.0' } }, ['staging-not-green', 'staging-moved']]
]

describe('the gate', () => {
  it.each(OPENING)('is open when %s', (_when, change) => {
    expect(gateConditions({ ...OPEN, ...change })).toEqual([])
  })
  it.each(CLOSING)('is closed when %s', (_when, change, codes) => {
    expect(gateConditions({ ...OPEN, ...change }).map(({ code }) => code)).toEqual(codes)
  })
})

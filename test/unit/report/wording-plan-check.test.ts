import { expect, it } from '@jest/globals'
import type { PlanCheckFact } from '../../../src/report/plan-fact.ts'
import { planCheckWords } from '../../../src/report/wording-plan-check.ts'

const environment = 'staging'
const target = '0.98.0'
const pause = { pause: 'soak', workflow: 'w.yml' } as const

const FACTS: [PlanCheckFact, string][] = [
  [
    { kind: 'server-unknown', environment, why: 'refused' },
    'the staging server could not be asked for its version from here: refused',
  ],
  [
    { kind: 'goes-back', from: '0.98.0', target: '0.97.0' },
    'the file goes back from ZenML 0.98.0 to 0.97.0',
  ],
  [
    { kind: 'blocked-unknown', environment, target, attempt: 'a1' },
    'the upgrade of staging to ZenML 0.98.0 was rolled back in attempt a1, and whether one of its inputs has changed since is not known',
  ],
  [{ kind: 'at-target', environment, target }, 'staging already runs ZenML 0.98.0'],
  [
    { kind: 'upgrade', environment, version: '0.97.0', target },
    'staging runs ZenML 0.97.0 and would be upgraded to 0.98.0',
  ],
  [
    { kind: 'drift', environment, version: '0.97.0', file: '0.96.0', target },
    'staging runs ZenML 0.97.0, but the file on its branch says 0.96.0; it would be upgraded to 0.98.0',
  ],
  [
    { kind: 'release-unknown', target, why: 'the package index answered 503' },
    'whether ZenML 0.98.0 exists is not known: the package index answered 503',
  ],
  [{ kind: 'release-missing', target, nearest: [] }, 'the package index has no ZenML 0.98.0'],
  [
    { kind: 'no-base-file' },
    'the base branch has no configuration file yet, so no server was asked',
  ],
  [
    { kind: 'address-changes' },
    'the address of the server changes; for a pull request, only the address on the base branch is contacted',
  ],
  [
    { kind: 'driver-changes', environment, before: 'helm', after: 'pro' },
    'staging was deployed by helm and would be deployed by pro',
  ],
  [
    { kind: 'driver-one-way', driver: 'pro' },
    'the driver pro cannot bring the old version back by itself once the database has been migrated',
  ],
  [{ kind: 'no-backup', environment }, 'environments.staging.backup is not set in the file'],
  [
    { kind: 'managed-backup' },
    'the backup is made by ZenML Pro; it is not verified here, and cannot be restored from here',
  ],
  [
    { kind: 'no-smoke-suite' },
    'the file names no smoke suite, so only the snapshots test an upgrade',
  ],
  [
    { kind: 'schedule-unknown', pause: 'freeze' },
    'whether a schedule continues when a freeze is over cannot be seen from here',
  ],
  [
    { kind: 'no-schedule', ...pause },
    'w.yml has no schedule: when the soak is over, nothing continues by itself',
  ],
  [
    { kind: 'schedule-on-other-branch', ...pause, defaultBranch: 'develop', base: 'main' },
    'GitHub runs the schedule of w.yml on the default branch develop only, and main deploys production: when the soak is over, nothing continues by itself',
  ],
]

it.each(FACTS)('A check of a plan says of %j: %s', (fact, words) => {
  expect(planCheckWords(fact)).toBe(words)
})

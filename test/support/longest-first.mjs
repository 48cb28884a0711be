// The order in which Jest starts the files of tests: the longest first, so that the end does not
// wait for one that began last.
import Sequencer from '@jest/test-sequencer'

/**
 * About how many seconds the files take that take longest; of the others Jest goes by their size.
 * Jest measures by itself, but keeps that in a cache that a fresh clone does not have.
 */
const SECONDS = {
  'workflow/end-to-end': 260,
  'whole/upgrade-commands': 230,
  'whole/demo': 210,
  'containers/builds': 300,
  'containers/snapshots': 200,
  'real/snapshots': 180,
  'real/upgrade-sqlite': 160,
  'whole/snapshot-carryover': 150,
  'whole/upgrade-mariadb': 130,
  'whole/deployments': 125,
  'whole/snapshot-runs': 120,
  'whole/losses': 110,
  'real/smoke': 100,
  'real/client': 90,
  'whole/snapshot-sources': 95,
  'whole/backup-mariadb': 85,
  'real/driver-local': 75,
  'workflow/staging': 60,
  'workflow/production': 60,
  'real/backup-sqlite': 45,
  'whole/code-repository': 40,
  'real/init': 35,
  'whole/stack-parity': 35,
  'real/zenml-server': 30,
  'real/support': 25,
}

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const seconds = ({ path }) =>
      Object.entries(SECONDS).find(([name]) => path.endsWith(`/test/${name}.test.ts`))?.[1] ?? 0
    return super.sort(tests).sort((one, other) => seconds(other) - seconds(one))
  }
}

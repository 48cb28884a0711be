import { describe, expect, it } from '@jest/globals'
import type { NotComparedFact } from '../../../src/report/parity-fact.ts'
import type { ParityReport } from '../../../src/result/stacks.ts'
import { notComparedWords, paritySummary } from '../../../src/report/wording-parity.ts'

const environment = 'staging'
const read = '2026-11-23T10:31:00.000Z'

const NOT_COMPARED: [NotComparedFact, string][] = [
  [
    { kind: 'same-server' },
    'both environments have the same server, so there is nothing to compare',
  ],
  [
    { kind: 'not-read-yet', environment },
    'check-stacks has not read the stacks of staging into this report directory',
  ],
  [
    { kind: 'result-unreadable', path: 'r.json', error: 'Error: EACCES' },
    'r.json cannot be read: Error: EACCES',
  ],
  [
    { kind: 'result-damaged', path: 'r.json' },
    'r.json is damaged, or was written by another version of zenml-upgrade',
  ],
  [
    { kind: 'read-failed', environment, ended: read, summary: '403' },
    'the stacks of staging could not be read on 2026-11-23 10:31 UTC: 403',
  ],
  [
    { kind: 'too-old', environment, read, hours: 6 },
    'the stacks of staging were read on 2026-11-23 10:31 UTC, more than 6 hours ago',
  ],
  [
    { kind: 'in-future', environment, read },
    'the stacks of staging were read on 2026-11-23 10:31 UTC, which is in the future by the clock of this machine',
  ],
  [
    { kind: 'other-target', environment, read: '0.97.0', asked: '0.98.0' },
    'the stacks of staging were read for ZenML 0.97.0, not 0.98.0',
  ],
  [
    { kind: 'other-file', environment },
    'the stacks of staging were read for another configuration file than is checked out',
  ],
]

const report = (changes: Partial<ParityReport>): ParityReport => ({
  compared: 4,
  'not-in-use': 0,
  differences: 0,
  notes: 0,
  findings: [],
  ...changes,
})

describe('the words of stack parity', () => {
  it.each(NOT_COMPARED)('say why stacks were not compared, of %j: %s', (fact, words) => {
    expect(notComparedWords(fact)).toBe(words)
  })

  it.each<[Partial<ParityReport>, string]>([
    [{}, '4 stacks mirrored'],
    [{ compared: 0 }, 'no stack in use'],
    [
      { 'not-in-use': 1 },
      '4 stacks mirrored; 1 stack of production not compared, because no named snapshot uses it',
    ],
    [
      { differences: 2, 'not-in-use': 3 },
      '2 differences between the two environments, 4 stacks compared; 3 stacks of production not compared, because no named snapshot uses them',
    ],
  ])('sum up %j as: %s', (changes, words) => {
    expect(paritySummary(report(changes))).toBe(words)
  })
})

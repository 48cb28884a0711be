import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Attempt } from '../../../../src/state/attempt.ts'
import { attemptsIn } from '../../../../src/state/github/found-attempts.ts'
import { payloadOfAttempt } from '../../../../src/state/github/payload.ts'
import type { RowKind } from '../../../../src/state/github/row-lists.ts'
import type { Row } from '../../../../src/state/github/rows.ts'
import { attempt, evidence } from '../../../support/github-attempts.ts'

let warnings: string[]
beforeEach(() => {
  warnings = []
})
const log = { warn: (line: string) => warnings.push(line) }
const found = (...rows: Row[]) => attemptsIn(rows, 'staging', log)

let ids = 0
const row = (kind: RowKind | undefined, payload: unknown): Row => ({
  id: (ids += 1),
  kind,
  sha: 'a'.repeat(40),
  created: new Date('2026-11-23T12:00:00.000Z'),
  payload,
})
const common = { 'schema-version': 1, config: 'zenml-upgrade.yml' }
const begun = (id: string, run = '1.1', more: Partial<Attempt> = {}) =>
  row('attempt', { ...common, kind: 'attempt', ...payloadOfAttempt(attempt(id, more), run) })
const line = (id: string, run = '2.1', more: object = { entries: [evidence] }) =>
  row('journal', {
    ...common,
    kind: 'journal',
    environment: 'staging',
    attempt: run,
    id,
    ...more,
  })

describe('attempts in rows of the record', () => {
  it('have their lines, each with the run that wrote it', () => {
    expect(found(begun('a'), begun('b'), line('a'), line('b', '3.1'))).toMatchObject([
      { payload: { id: 'a' }, entries: [{ run: '2.1', sha: 'a'.repeat(40), entry: evidence }] },
      { payload: { id: 'b' }, entries: [{ run: '3.1' }] },
    ])
    expect(warnings).toEqual([])
  })

  it('are begun once; lines of none and rows of triggers are not theirs', () => {
    const first = begun('a')
    expect(found(first, begun('a', '9.9'), line('none'), row('trigger', {}))).toEqual([
      { row: first, payload: expect.objectContaining({ attempt: '1.1' }), entries: [] },
    ])
    expect(warnings).toEqual([])
  })

  it('are without a row that cannot be read, which is warned about', () => {
    const other = begun('p', '1.1', { environment: 'production' })
    expect(found(row(undefined, 'no JSON'), other, row('journal', {}))).toEqual([])
    expect(warnings).toHaveLength(3)
  })

  it('have an unreadable entry for a line that names them and cannot be read', () => {
    expect(found(begun('a'), line('a', '2.1', { entries: [{ kind: 'new' }] }))).toMatchObject([
      { entries: [{ run: '2.1', entry: { kind: 'unreadable', at: '2026-11-23T12:00:00.000Z' } }] },
    ])
    expect(warnings).toEqual([expect.stringContaining('attempt a is not green with it')])
  })

  it('end the command where a later version wrote one', () => {
    expect(() => found(row('trigger', { 'schema-version': 2 }))).toThrow('a later version')
  })
})

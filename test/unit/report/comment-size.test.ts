import { describe, expect, it } from '@jest/globals'
import { COMMENT_LIMIT_BYTES, renderComment } from '../../../src/report/comment.ts'
import type { Result } from '../../../src/result/result.ts'
import type { SnapshotReport } from '../../../src/result/snapshots.ts'
import { NASTY } from './nasty.ts'
import { GREEN_STAGING, smoke, snapshot, snapshots, suite, test, upgrade } from './results.ts'

const [stagingUpgrade, stagingSmoke] = GREEN_STAGING as [Result, Result]

function many(amount: number, status: (index: number) => SnapshotReport['status']): Result {
  const list = Array.from({ length: amount }, (_, index) => {
    const name = `${NASTY[index % NASTY.length] ?? ''}-${index}-${'日|`<@'.repeat(20)}`
    return snapshot(name, {
      status: status(index),
      message: `${name} ${'x & y '.repeat(200)}`,
      'failed-at': status(index) === 'failed' ? 'execute' : null,
    })
  })
  return snapshots(
    {
      environment: 'staging',
      code: 'snapshots-failed',
      summary: `Many of ${amount} failed: ${'<&|$'.repeat(400)}`,
      minute: 10,
    },
    list,
  )
}

const comment = (...results: Result[]) =>
  renderComment({ results, configPath: 'zenml-upgrade.yml' })

describe('a comment that would be too long', () => {
  it('shows every row while they fit', () => {
    const text = comment(
      stagingUpgrade,
      stagingSmoke,
      many(2, () => 'failed'),
    )
    expect(text).not.toContain('Shortened')
  })

  it('shows only failing rows next', () => {
    const text = comment(
      stagingUpgrade,
      stagingSmoke,
      many(2000, (index) => (index % 400 === 0 ? 'failed' : 'executed')),
    )
    expect(bytes(text)).toBeLessThanOrEqual(COMMENT_LIMIT_BYTES)
    expect(text).toContain('*Shortened: only rows that failed.')
    expect(text).toContain('5 of 2,000 failed, 1,995 rebuilt and run')
    expect(text).toContain('1,995 of 2,000 rows are not shown.')
    expect(text.match(/failed at execute/g)).toHaveLength(5)
  })

  it('shows some of the failing rows when there are too many', () => {
    const text = comment(
      stagingUpgrade,
      stagingSmoke,
      many(2000, () => 'failed'),
    )
    expect(bytes(text)).toBeLessThanOrEqual(COMMENT_LIMIT_BYTES)
    expect(text.match(/failed at execute/g)).toHaveLength(25)
    expect(text).toContain('1,975 of 2,000 rows are not shown.')
  })

  it('shows only counts at last, and still what to do', () => {
    const suites = Array.from({ length: 60 }, (_, index) =>
      suite({
        source: `${'<&$|'.repeat(100)}${index}`,
        'reason-code': 'smoke-failed',
        message: '&'.repeat(5000),
        tests: Array.from({ length: 40 }, (__, other) =>
          test(`${'|'.repeat(300)}${other}`, 'failed', '&'.repeat(900)),
        ),
      }),
    )
    const text = comment(
      stagingUpgrade,
      smoke(
        {
          environment: 'staging',
          code: 'smoke-failed',
          summary: '&'.repeat(9000),
          next: '$'.repeat(9000),
          minute: 5,
        },
        suites,
      ),
      many(2000, () => 'failed'),
    )
    expect(bytes(text)).toBeLessThanOrEqual(COMMENT_LIMIT_BYTES)
    expect(text).toContain('*Shortened: only counts.')
    expect(text).toContain('**Next:**')
    expect(text).not.toContain('<details')
  })

  it('closes every section and every fence, however much is cut', () => {
    const log = Array.from(
      { length: 5000 },
      (_, index) => `${'`'.repeat(index % 9)}${'日'.repeat(700)}`,
    )
    const text = comment(
      upgrade(
        { environment: 'staging', code: 'upgrade-failed', summary: 'The migration failed.' },
        { 'migration-log': log },
      ),
    )
    expect(bytes(text)).toBeLessThanOrEqual(COMMENT_LIMIT_BYTES)
    expect(text.match(/<details/g)?.length).toBe(text.match(/<\/details>/g)?.length)
    const fence = /^(`{3,})text$/m.exec(text)?.[1] ?? 'none'
    expect(text.split('\n').filter((line) => line === fence)).toHaveLength(1)
  })
})

const bytes = (text: string) => Buffer.byteLength(text)

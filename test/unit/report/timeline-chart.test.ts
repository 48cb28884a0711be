import { describe, expect, it } from '@jest/globals'
import type { Task } from '../../../src/report/tasks.ts'
import { chartsOf } from '../../../src/report/timeline-chart.ts'

const task = (start: string, seconds: number, changes: Partial<Task> = {}): Task => ({
  environment: 'staging',
  name: 'deploy',
  start: `2026-11-${start}Z`,
  seconds,
  failed: false,
  ...changes,
})
const labels = (tasks: readonly Task[]) =>
  chartsOf(tasks).map(({ ticks }) => ticks.map(({ label }) => label))
const environments = (tasks: readonly Task[]) =>
  chartsOf(tasks).map(({ groups }) => groups.map(({ environment }) => environment))

describe('the axes of the timeline', () => {
  it('are none where nothing took time', () => {
    expect(chartsOf([])).toEqual([])
  })

  it('put staging and production on one axis while they are close', () => {
    const tasks = [
      task('23T10:00:00', 300),
      task('23T10:12:00', 300, { environment: 'production' }),
      task('23T10:20:00', 60, { environment: null }),
    ]
    expect(environments(tasks)).toEqual([['staging', 'production', null]])
  })

  it('start anew after a pause that is longer than the work before and after it', () => {
    const tasks = [
      task('20T10:00:00', 60),
      task('20T10:02:00', 240),
      task('23T09:00:00', 30, { environment: 'production' }),
      task('23T09:05:00', 120, { environment: 'production' }),
    ]
    expect(environments(tasks)).toEqual([['staging'], ['production']])
    expect(chartsOf(tasks).map(({ start, end }) => (end - start) / 1000)).toEqual([360, 420])
  })

  it('start anew within one environment that was worked on days apart', () => {
    const tasks = [task('20T10:00:00', 60), task('22T10:00:00', 60), task('24T10:00:00', 60)]
    expect(environments(tasks)).toEqual([['staging'], ['staging'], ['staging']])
  })

  it('do not start anew while something of the time before is still going on', () => {
    const tasks = [
      task('23T10:00:00', 7200, { name: 'snapshots' }),
      task('23T10:00:10', 5, { name: 'smoke suite' }),
      task('23T11:50:00', 5, { name: 'verify' }),
    ]
    expect(chartsOf(tasks)).toHaveLength(1)
  })

  it('do not start anew while a runner is waited for, however short the work', () => {
    expect(chartsOf([task('23T10:00:00', 1), task('23T10:14:00', 1)])).toHaveLength(1)
  })

  it('have ticks at round times', () => {
    expect(labels([task('23T10:00:07', 300)])).toEqual([['10:02', '10:04']])
    expect(labels([task('23T10:00:00', 3)])).toEqual([
      ['10:00:00', '10:00:01', '10:00:02', '10:00:03'],
    ])
    expect(labels([task('23T10:00:00.250', 0.3)])).toEqual([
      ['10:00:00.3', '10:00:00.4', '10:00:00.5'],
    ])
    expect(labels([task('23T22:10:00', 5 * 3600)])).toEqual([['00:00', '02:00']])
    expect(labels([task('23T10:00:00', 100 * 3600)])).toEqual([['11-25', '11-27']])
  })

  it('have at most five ticks, and one inside any span of four seconds and more', () => {
    for (const seconds of [4, 17, 61, 150, 899, 3601, 50_000, 90_001, 5e6, 4e8]) {
      const [ticks = []] = labels([task('23T10:00:07', seconds)])
      expect(ticks.length).toBeLessThanOrEqual(5)
      expect(ticks.length).toBeGreaterThan(0)
    }
  })

  it('keep every bar inside the axis, and wide enough to be seen', () => {
    const charts = chartsOf([
      task('23T10:00:00', 600),
      task('23T10:00:00', 0),
      task('23T10:09:59.999', 0.001),
    ])
    for (const { at, width } of charts.flatMap(({ groups }) =>
      groups.flatMap(({ bars }) => bars),
    )) {
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at + width).toBeLessThanOrEqual(1)
      expect(width).toBeGreaterThanOrEqual(0.008)
    }
  })

  it('have room for a single moment', () => {
    const [chart] = chartsOf([task('23T10:00:00', 0)])
    expect(chart?.groups[0]?.bars).toMatchObject([{ at: 0, width: 0.008 }])
  })
})

import { describe, expect, it } from '@jest/globals'
import { templateReports, type Template } from '../../../src/snapshots/run-templates.ts'

function template(name: string, more: Partial<Template> = {}): Template {
  return {
    project: 'default',
    name,
    pipeline: 'churn',
    created: '2025-01-01T00:00:00',
    hidden: false,
    runnable: true,
    sourceId: `source-${name}`,
    version: '0.85.0',
    ...more,
  }
}

const before = { serverVersion: '0.85.0', target: '0.98.0', snapshots: new Set<string>() }
const after = { ...before, serverVersion: '0.98.0' }

describe('before the upgrade to a server with snapshots', () => {
  it('says that the newest template of a run becomes a snapshot, and the others do not', () => {
    const reports = templateReports(
      [
        template('newest', { sourceId: 'run', created: '2025-03-01T00:00:00' }),
        template('older', { sourceId: 'run', created: '2025-02-01T00:00:00' }),
        template('hidden', { sourceId: 'run', created: '2025-04-01T00:00:00', hidden: true }),
        template('orphan', { sourceId: undefined, runnable: false, version: undefined }),
      ],
      before,
    )
    expect(reports.map(({ name, becomes }) => [name, becomes])).toEqual([
      ['hidden', 'left'],
      ['newest', 'snapshot'],
      ['older', 'left'],
      ['orphan', 'left'],
    ])
    expect(reports[1]).toMatchObject({ version: '0.85.0', runnable: true, pipeline: 'churn' })
    expect(reports[1]?.message).toContain('the snapshot churn/newest')
    expect(reports[2]?.message).toContain('The template newest of the same run')
    expect(reports[3]).toMatchObject({ version: null, next: 'Delete the template.' })
  })

  it('promises a snapshot to neither of two templates of one run with one time', () => {
    const reports = templateReports(
      [template('a', { sourceId: 'run' }), template('b', { sourceId: 'run' })],
      before,
    )
    expect(reports.map(({ becomes }) => becomes)).toEqual(['left', 'left'])
  })
})

describe('on a server with snapshots', () => {
  it('keeps templates that start an old client in view, with the snapshot in their place', () => {
    const reports = templateReports([template('nightly'), template('hidden', { hidden: true })], {
      ...after,
      snapshots: new Set(['default/churn/nightly']),
    })
    expect(reports).toEqual([
      expect.objectContaining({
        name: 'hidden',
        becomes: 'left',
        message: 'No snapshot took its place. It still starts ZenML 0.85.0.',
      }),
      expect.objectContaining({
        name: 'nightly',
        becomes: 'snapshot',
        message: 'The snapshot churn/nightly took its place. It still starts ZenML 0.85.0.',
        next: 'Start the snapshot churn/nightly wherever the template is started, then delete the template.',
      }),
    ])
  })

  it('does not take a snapshot of another project for the one in its place', () => {
    const snapshots = new Set(['other/churn/nightly'])
    const [report] = templateReports([template('nightly')], { ...after, snapshots })
    expect(report?.becomes).toBe('left')
  })

  it('has no word for a template that starts the target', () => {
    expect(templateReports([template('new', { version: '0.98.0' })], after)).toEqual([])
  })
})

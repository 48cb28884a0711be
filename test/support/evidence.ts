import type { Entry } from '../../src/state/attempt.ts'
import type { Result } from '../../src/result/result.ts'

/** What commands that left these results wrote into the record: each a moment before its result. */
export function entriesOf(results: readonly Result[]): Entry[] {
  return results.flatMap((result): Entry[] => {
    const at = new Date(Date.parse(result.ended) - 1000).toISOString()
    const common = { at, 'reason-code': result['reason-code'], summary: result.summary }
    switch (result.command) {
      case 'upgrade-workspace':
        return [
          {
            kind: 'closed',
            ...common,
            next: result.next,
            details: result.details,
          },
        ]
      case 'run-smoke-suite':
        return [
          {
            kind: 'evidence',
            ...common,
            command: result.command,
            mode: null,
            'zenml-version': result.details?.['zenml-version'] ?? null,
            discovered: null,
            ...(result.details === null ? {} : { smoke: result.details }),
          },
        ]
      case 'rebuild-snapshots':
        return [
          {
            kind: 'evidence',
            ...common,
            command: result.command,
            mode: result.details?.mode ?? null,
            'zenml-version': result.details?.['zenml-version'] ?? null,
            discovered: result.details?.discovered ?? null,
            ...(result.details === null ? {} : { snapshots: result.details }),
          },
        ]
      default:
        return []
    }
  })
}

/** The results as those of one attempt. */
export function inAttempt<R extends Result>(id: string, results: readonly R[]): R[] {
  return results.map((result) => ({ ...result, attempt: id }))
}

/** What differs from run to run, made the same: for texts that a person reads in review. */
export function settled(text: string): string {
  return text
    .replace(/127\.0\.0\.1:\d+/g, 'zenml.test')
    .replace(/\/tmp\/[\w./-]+/g, '/tmp/…')
    .replace(/\b[0-9a-f]{40}\b/g, 'f'.repeat(40))
    .replace(/`[0-9a-f]{7,12}`/g, '`ffffffff`')
    .replace(/\bcommit [0-9a-f]{7,8}\b/g, 'commit ffffffff')
    .replace(/\b(actions\/runs\/)\d+/g, '$11')
    .replace(/\brun \d+\.(\d+)/g, 'run 1.$1')
    .replace(/\b20\d\d-\d\d-\d\d([T ])\d\d:\d\d(:\d\d(\.\d+)?)?/g, '2026-01-01$100:00')
}

// How many requests reach the server while stale snapshots are rebuilt: ours, and those that ZenML's
// own client makes in each job. `npm run bench`; prints the figures, and fails above the limits.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, jest } from '@jest/globals'
import { rebuildSnapshots } from '../src/snapshots/modes.ts'
import { countingGateway, type CountingGateway } from '../test/support/counting-gateway.ts'
import { clientJobs, PIPELINES, seededOldServer } from '../test/support/seed.ts'
import { NEW, OLD, startServer } from '../test/support/zenml.ts'
import { snapshotsDepsFor } from '../test/support/snapshots-deps.ts'

jest.setTimeout(1_200_000)

/** Four are seeded. */
const MORE = 10
const STALE = 4 + MORE
const MOST = 30 + 8 * STALE

function table(asked: CountingGateway['asked']): string {
  const counts = new Map<string, number>()
  for (const { route, by } of asked) {
    const key = `${by.padEnd(14)} ${route}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => `${String(count).padStart(5)}  ${key}`)
    .join('\n')
}

it(`rebuilds ${STALE} stale snapshots with at most ${MOST} requests`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bench-requests-'))
  const code = join(directory, 'code')
  await cp(PIPELINES, code, { recursive: true })
  const seeded = await seededOldServer(join(directory, 'server'))
  const common = { directory: seeded.directory, apiKey: seeded.apiKey, workloadManager: true }
  const old = await startServer({ version: OLD, ...common })
  await clientJobs(old, {
    clientVersion: OLD,
    sourceRoot: code,
    jobs: Array.from({ length: MORE }, (_, index) => ({
      op: 'snapshot' as const,
      source: 'churn.report.report',
      stack: 'remote',
      name: `report-${index}`,
    })),
  })
  await old.stop()
  const server = await startServer({ version: NEW, ...common })
  const gateway = await countingGateway(server.url)
  try {
    const outcome = await rebuildSnapshots(
      snapshotsDepsFor({
        server: { url: gateway.url, apiKey: server.apiKey },
        directory,
        target: NEW,
        root: { directory: code, commit: undefined },
      }),
    )
    process.stdout.write(
      `\n${gateway.asked.length} requests for ${STALE} stale snapshots, at most ${MOST}\n${table(gateway.asked)}\n`,
    )
    expect(outcome.details).toMatchObject({ rebuilt: STALE, failed: 0 })
    expect(gateway.asked.length).toBeLessThanOrEqual(MOST)
  } finally {
    await gateway.close()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

import { plural } from '../core/text.ts'
import type { SnapshotReport } from './snapshots.ts'

/** What rebuilding snapshots took in images. */
interface BuildCounts {
  readonly images: number
  /** Snapshots that use images which were there. */
  readonly reused: number
}

export function countBuilds(reports: readonly Pick<SnapshotReport, 'build'>[]): BuildCounts {
  const builds = reports.flatMap(({ build }) => build ?? [])
  return {
    images: builds.reduce((sum, build) => sum + build['images-built'], 0),
    reused: builds.filter(({ reused }) => reused).length,
  }
}

/** `3 images built, 17 snapshots reuse a build`; undefined where no image is involved. */
export function describeBuilds({ images, reused }: BuildCounts): string | undefined {
  const parts = [
    ...(images > 0 ? [`${plural(images, 'image')} built`] : []),
    ...(reused > 0
      ? [`${plural(reused, 'snapshot')} ${reused === 1 ? 'reuses' : 'reuse'} a build`]
      : []),
  ]
  return parts.length === 0 ? undefined : parts.join(', ')
}

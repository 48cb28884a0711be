import { newestRelease, releasesOnIndex } from '../zenml-client/releases.ts'
import type { Workspace } from '../session/session.ts'
import { isOlder } from '../core/versions.ts'

/** Says what to do at the target to upgrade: to which version of the package index. */
export async function raiseSentence({ machine, config, target }: Workspace): Promise<string> {
  const releases = await releasesOnIndex(
    machine,
    config.sources.flatMap(({ install }) => install['index-env']),
  )
  if ('unknown' in releases)
    return `Raise \`zenml:\` in the file to upgrade; the newest release is not known: ${releases.unknown}.`
  const newest = newestRelease(releases.versions)
  return newest === undefined || !isOlder(target, newest)
    ? `Nothing to do: the package index has no release newer than ${target}.`
    : `Raise \`zenml:\` in the file to ${newest}; that is the newest release on the package index.`
}

import { parse } from 'smol-toml'
import * as z from 'zod'

const place = z.looseObject({ url: z.string().optional(), subdirectory: z.string().optional() })
const lock = z.looseObject({
  packages: z.array(
    z.looseObject({
      name: z.string(),
      version: z.string().optional(),
      marker: z.string().optional(),
      vcs: place.extend({ type: z.string(), 'commit-id': z.string() }).optional(),
      archive: place.optional(),
      directory: z.unknown().optional(),
    }),
  ),
})
type LockedPackage = z.infer<typeof lock>['packages'][number]

/** Requirement lines of a `pylock.toml` (PEP 751), without its extras and dependency groups. */
export function pylockPins(text: string): string[] {
  return lock
    .parse(parse(text))
    .packages.filter(({ marker = '' }) => !/\b(?:extras|dependency_groups)\b/.test(marker))
    .flatMap((one) => pinOf(one) ?? [])
}

/** Undefined for a package of the repository itself, which the source root has as code. */
function pinOf({ name, version, marker, vcs, archive, directory }: LockedPackage) {
  const condition = marker === undefined ? '' : ` ; ${marker}`
  const address =
    vcs?.url === undefined ? archive?.url : `${vcs.type}+${vcs.url}@${vcs['commit-id']}`
  const subdirectory = (vcs ?? archive)?.subdirectory
  if (address !== undefined)
    return `${name} @ ${address}${subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`}${condition}`
  if (directory !== undefined || version === undefined) return undefined
  return `${name}==${version}${condition}`
}

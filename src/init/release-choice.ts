import type { Release } from '../core/release.ts'
import { Stop } from '../core/stop.ts'
import type { Form } from './forms.ts'

interface Known {
  /** Version of zenml-upgrade that runs, without `v`. */
  readonly version: string
  readonly last: Release
}

/**
 * The release at which workflows use our actions: the commit that was given, else the last release.
 * @throws Stop `invalid-input` where neither is known, and for own copies, whose text is of the
 *   version that runs, where that is not the last release.
 */
export function releaseFor(form: Form, ref: string | undefined, { version, last }: Known): Release {
  if (ref !== undefined) return { version, commit: ref }
  const next =
    'Give the commit of the zenml-upgrade that you run: `--ref "$(git -C <its folder> rev-parse HEAD)"`'
  if (/^0+$/.test(last.commit))
    throw new Stop(
      'invalid-input',
      'input ref is missing: zenml-upgrade has no release yet, at which the workflow could use its actions',
      { next },
    )
  if (form === 'own-copy' && last.version !== version)
    throw new Stop(
      'invalid-input',
      `input ref is missing: this is zenml-upgrade ${version}, whose workflows need its actions, and the last release that it knows is ${last.version}`,
      { next },
    )
  return last
}

import { Stop } from '../core/stop.ts'
import { isOlder, normalise } from '../core/versions.ts'

/** The two releases of ZenML that the demo upgrades between, as PEP 440 writes them. */
export interface Releases {
  readonly from: string
  readonly to: string
}

/** Checks that the demo upgrades. @throws Stop `invalid-input` */
export function releasesOf(inputs: {
  readonly 'from-version': string
  readonly 'to-version': string
}): Releases {
  const from = normalise(inputs['from-version'])
  const to = normalise(inputs['to-version'])
  if (from === undefined || to === undefined || !isOlder(from, to)) {
    throw new Stop(
      'invalid-input',
      `from-version ${inputs['from-version']} is not a release before to-version ${inputs['to-version']}`,
      { next: 'Choose two releases of ZenML, the older one as --from-version.' },
    )
  }
  return { from, to }
}

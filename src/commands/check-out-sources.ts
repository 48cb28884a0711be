import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { plural } from '../core/text.ts'
import { writeCheckedOut, type CheckedOut } from '../session/checked-out.ts'
import { readContent } from '../session/content.ts'
import { completeOwnCheckout } from '../session/own-checkout.ts'
import { isElsewhere } from '../session/read-source.ts'
import { openRepositories } from '../session/repositories.ts'
import { assertKnown, readPins } from '../session/source-commits.ts'
import { mayHoldRecorded } from '../snapshots/recorded-code.ts'
import { openPlace } from '../state/backend.ts'
import type { CommandContext, Conclusion } from './command.ts'

/**
 * Brings every source in another repository to this machine, with an index for later commands, and
 * the submodules and files of Git LFS of this repository. A repository that cannot be read is in the
 * index too: the command that needs it reports it in its own result.
 */
export async function checkOutSources({
  inputs,
  machine,
}: CommandContext<'check-out-sources'>): Promise<Conclusion<'check-out-sources'>> {
  const { environment } = inputs
  const directory = resolve(inputs.into)
  const place = await openPlace(inputs, machine)
  const pins = readPins(environment, inputs.sources)
  const repositories = openRepositories({
    machine,
    place,
    githubToken: inputs['github-token'],
    pins,
    into: directory,
  })
  const workingDirectory = resolve(inputs['working-directory'])
  const { config } = await readContent({
    workingDirectory,
    configPath: inputs.config,
    repositories,
  })
  const sources = config.sources.filter(isElsewhere)
  const names = sources.map(({ name }) => name)
  assertKnown(pins, names)
  // A clone of an earlier run reads from itself: see checkOut in git/remote-git.ts.
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  await completeOwnCheckout({ machine, workingDirectory, githubToken: inputs['github-token'] })
  const entries: CheckedOut[] = []
  // The step that rebuilds from recorded commits has no token to fetch them with.
  for (const source of sources) {
    const history = mayHoldRecorded(source.repository, config)
    entries.push(await repositories.bring(source, environment, { history }))
  }
  await writeCheckedOut(directory, entries)
  return toConclusion(names, entries, environment)
}

function toConclusion(
  names: readonly string[],
  entries: readonly CheckedOut[],
  environment: string,
): Conclusion<'check-out-sources'> {
  const failed = entries.filter((entry) => entry.kind === 'failed')
  const [first] = failed
  if (first !== undefined)
    return {
      reasonCode: first.code,
      summary: `${environment}: ${failed.map(({ message }) => message).join('\n')}`,
      next: first.next,
      details: null,
    }
  const commits = Object.fromEntries(
    entries.flatMap((entry, index) =>
      entry.kind === 'found' ? [[names[index] ?? entry.repository, entry.commit]] : [],
    ),
  )
  if (names.length === 0)
    return {
      reasonCode: 'no-other-sources',
      summary: `${environment}: all pipeline code is in this repository`,
      details: { commits },
    }
  return {
    reasonCode: 'sources-checked-out',
    summary: `${environment}: ${plural(names.length, 'source')} of other repositories checked out`,
    details: { commits },
    outputs: { sources: JSON.stringify(commits) },
  }
}

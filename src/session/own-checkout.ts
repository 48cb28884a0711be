import { completeCheckout, missingParts } from '../git/complete-checkout.ts'
import { git } from '../git/git.ts'
import { GitReadError } from '../git/remote-git.ts'
import { ownRemote, type OwnClone } from './remote-of.ts'

/**
 * Brings the submodules and the files of Git LFS that the checkout of this repository lacks, with
 * the token for sources where there is one: that of the job reads no other repository. What cannot
 * be brought is a warning, because not every pipeline needs it.
 */
export async function completeOwnCheckout(clone: OwnClone): Promise<void> {
  const { machine, workingDirectory } = clone
  if ((await missingParts(workingDirectory)).length === 0) return
  const remote = await ownRemote(clone)
  const token = machine.env['ZENML_UPGRADE_SOURCES_TOKEN']?.trim() ?? ''
  const top = (await git(workingDirectory, ['rev-parse', '--show-toplevel'])).trim()
  try {
    await completeCheckout({ ...remote, token: token === '' ? remote.token : token }, top)
  } catch (error) {
    if (!(error instanceof GitReadError)) throw error
    machine.log.warn(`The checkout of this repository could not be completed: ${error.message}`)
  }
  for (const sentence of await missingParts(workingDirectory))
    machine.log.warn(
      `This repository: ${sentence} Give ZENML_UPGRADE_SOURCES_TOKEN a token that reads them, and install git-lfs on the runner for files of Git LFS.`,
    )
}

import { resolve } from 'node:path'
import { loadConfig } from '../../config/load.ts'
import { sameVersion } from '../../core/versions.ts'
import { headCommit } from '../../git/git.ts'
import { serverUrl } from '../../session/session.ts'
import { connect } from '../../zenml/server.ts'
import type { CommandContext, Conclusion } from '../command.ts'

/**
 * Asks the staging server from where it can be reached, without a key: only what it tells everyone.
 * The gate reads the result, and takes it for the commit that is checked out here.
 */
export async function askStaging({
  inputs,
  machine,
}: CommandContext<'promote'>): Promise<Conclusion<'promote'>> {
  const workingDirectory = resolve(inputs['working-directory'])
  const { zenml: target, environments } = await loadConfig(
    resolve(workingDirectory, inputs.config),
    inputs.config,
  )
  const server = connect({ url: serverUrl(inputs, environments.staging, machine), machine })
  const { version, id } = await server.info()
  const same = sameVersion(version, target)
  return {
    reasonCode: same ? 'already-at-target' : 'staging-moved',
    summary: same
      ? `staging reports ZenML ${version}`
      : `staging reports ZenML ${version}, the file says ${target}`,
    details: {
      step: 'gate',
      gate: null,
      reasons: [],
      tested: null,
      sha: await headCommit(workingDirectory),
      'target-version': target,
      'server-version': version,
      'server-id': id,
    },
  }
}

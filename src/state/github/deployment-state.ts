import { withoutKeys } from '../../runtime/secrets.ts'
import type { Github } from '../../github/client.ts'
import { orWarning, type GithubWarning } from '../../github/errors.ts'
import type { CallOptions } from '../../github/octokit.ts'

// What a deployment shows is its newest status; without one it is pending for ever. GitHub's OpenAPI
// description asks for no preview header for any of these states, and says that a deployment with
// `transient_environment` is shown as destroyed once it is `inactive`:
// https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
// `inactive` starts no workflow: https://github.com/github/docs/pull/3736
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

export interface ShownState {
  readonly id: number
  readonly state: DeploymentState
  /** At most 140 characters are kept. */
  readonly description?: string
  /** Where people read what happened. */
  readonly logUrl?: string
  /** Address of the ZenML server. */
  readonly serverUrl?: string | undefined
}

/** Shows a state on a deployment. A refusal is a warning that begins with `what`. */
export async function showState(
  github: Github,
  what: string,
  { id, state, description = '', logUrl, serverUrl }: ShownState,
  options?: CallOptions,
): Promise<GithubWarning | undefined> {
  const done = await orWarning(what, () =>
    github.octokit.rest.repos.createDeploymentStatus({
      ...github.repo,
      deployment_id: id,
      state,
      description: withoutKeys(description, 'a deployment').slice(0, 140),
      // A success would make earlier ones of the environment inactive, also those of the jobs of
      // others and of another configuration file.
      auto_inactive: false,
      ...(logUrl === undefined ? {} : { log_url: logUrl }),
      ...(serverUrl === undefined
        ? {}
        : { environment_url: withoutKeys(serverUrl, 'a deployment') }),
      request: { ...options },
    }),
  )
  return 'warning' in done ? done.warning : undefined
}

/** Asks what a deployment shows; undefined without a status. @throws GithubError */
export async function stateOf(github: Github, id: number): Promise<string | undefined> {
  const { data } = await github.octokit.rest.repos.listDeploymentStatuses({
    ...github.repo,
    deployment_id: id,
    per_page: 1,
  })
  return data[0]?.state
}

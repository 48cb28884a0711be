import { fullName } from './actor.ts'
import type { Pull, Repository, Run, State } from './state.ts'

export interface JobOptions {
  readonly state: State
  readonly repository: Repository
  readonly run: Run
  /** The API's root. */
  readonly api: string
  /** Id of the job in the workflow's file. */
  readonly job: string
  /** Secret of the job's GITHUB_TOKEN. */
  readonly token: string
  /** Inputs of a dispatch. */
  readonly inputs?: Readonly<Record<string, string>>
  /** The pull request of its event, and what happened to it. */
  readonly pull?: Pull
  readonly action?: string
  /** Where the branch pointed to before a push. */
  readonly before?: string
}

export interface JobEnvironment {
  /** Without GITHUB_EVENT_PATH, which names the file that `event` is written to. */
  readonly env: Readonly<Record<string, string>>
  /** Content of the event's file. */
  readonly event: string
}

/** What GitHub's runner gives a job of a run: its variables and the event. */
export function jobEnvironment(options: JobOptions): JobEnvironment {
  const { state, repository, run, api, job, token, pull } = options
  const ref =
    run.event === 'pull_request'
      ? `refs/pull/${pull?.number ?? 0}/merge`
      : `refs/heads/${run.headBranch}`
  return {
    env: {
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: fullName(repository),
      GITHUB_RUN_ID: String(run.id),
      GITHUB_RUN_ATTEMPT: String(run.attempt),
      GITHUB_JOB: job,
      GITHUB_ACTOR: run.actor,
      GITHUB_EVENT_NAME: run.event,
      GITHUB_SHA: run.headSha,
      GITHUB_REF: ref,
      GITHUB_SERVER_URL: state.serverUrl,
      GITHUB_API_URL: api,
      GITHUB_GRAPHQL_URL: `${api}/graphql`,
      GITHUB_WORKFLOW_REF: `${fullName(repository)}/${run.path}@${ref}`,
      'INPUT_GITHUB-TOKEN': token,
    },
    event: JSON.stringify({
      ...payload(options, ref),
      repository: { full_name: fullName(repository), default_branch: repository.defaultBranch },
      sender: { login: run.actor },
    }),
  }
}

function payload(
  { repository, run, inputs = {}, pull, action = 'synchronize', before }: JobOptions,
  ref: string,
): Record<string, unknown> {
  switch (run.event) {
    case 'push':
      return {
        ref,
        before: before ?? '0'.repeat(40),
        after: run.headSha,
        deleted: false,
        forced: false,
        created: before === undefined,
      }
    case 'pull_request':
      return pull === undefined
        ? {}
        : {
            action,
            number: pull.number,
            pull_request: {
              number: pull.number,
              user: { login: pull.user },
              labels: pull.labels.map((name) => ({ name })),
              head: {
                ref: pull.head.ref,
                sha: pull.head.sha,
                repo: { full_name: pull.head.repository },
              },
              base: {
                ref: pull.base.ref,
                sha: repository.branches[pull.base.ref] ?? pull.base.sha,
                repo: { full_name: fullName(repository) },
              },
            },
          }
    case 'merge_group':
      return {
        action: 'checks_requested',
        merge_group: {
          head_sha: run.headSha,
          head_ref: ref,
          base_sha: repository.branches[repository.defaultBranch] ?? '',
          base_ref: `refs/heads/${repository.defaultBranch}`,
        },
      }
    case 'workflow_dispatch':
      return { inputs, ref, workflow: run.path }
    case 'schedule':
      return { schedule: '17 * * * *', workflow: run.path }
    default:
      return {}
  }
}

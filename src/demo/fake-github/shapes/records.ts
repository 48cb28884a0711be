import { environmentOf } from '../deployments.ts'
import type {
  Comment,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Repository,
  Run,
} from '../state.ts'
import { simpleCommitShape } from './commit.ts'
import { association, pullMinimalShape } from './pull.ts'
import { repositoryShape } from './repository.ts'
import { userShape, viaApp } from './users.ts'
import { apiUrl, nodeId, webUrl, type Shape, type View } from './view.ts'

export function commentShape(view: View, repository: Repository, comment: Comment): Shape {
  const { id, issue, body } = comment
  return {
    url: apiUrl(view, repository, `/issues/comments/${id}`),
    html_url: webUrl(view, repository, `/pull/${issue}#issuecomment-${id}`),
    issue_url: apiUrl(view, repository, `/issues/${issue}`),
    id,
    node_id: nodeId('IssueComment', id),
    user: userShape(view, comment.user),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    body,
    author_association: association(repository, comment.user),
    performed_via_github_app: viaApp(view, comment.app),
  }
}

export function deploymentShape(view: View, repository: Repository, deployment: Deployment): Shape {
  const { id, sha, ref, task, payload, description, creator } = deployment
  const url = apiUrl(view, repository, `/deployments/${id}`)
  return {
    url,
    id,
    node_id: nodeId('Deployment', id),
    task,
    original_environment: deployment.environment,
    environment: environmentOf(deployment),
    description,
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: apiUrl(view, repository, ''),
    creator: userShape(view, creator),
    sha,
    ref,
    payload,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: viaApp(view, deployment.app),
  }
}

export function deploymentStatusShape(
  view: View,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
): Shape {
  const url = apiUrl(view, repository, `/deployments/${deployment.id}`)
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: userShape(view, status.creator),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: apiUrl(view, repository, ''),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: viaApp(view, status.app),
  }
}

export function statusShape(view: View, repository: Repository, status: CommitStatus): Shape {
  const creator = userShape(view, status.creator)
  return {
    url: apiUrl(view, repository, `/statuses/${status.sha}`),
    avatar_url: creator['avatar_url'],
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator,
  }
}

export function runShape(view: View, repository: Repository, run: Run): Shape {
  const url = apiUrl(view, repository, `/actions/runs/${run.id}`)
  const html = webUrl(view, repository, `/actions/runs/${run.id}`)
  const source = view.state.repositories[run.headRepository] ?? repository
  const actor = userShape(view, run.actor)
  // GitHub names no pull requests of forks here.
  const pulls = repository.pulls.filter(
    ({ state, head }) =>
      state === 'open' &&
      head.repository === run.headRepository &&
      source === repository &&
      head.ref === run.headBranch,
  )
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    display_title: run.name,
    run_number: run.number,
    run_attempt: run.attempt,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: 1,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    url,
    html_url: html,
    pull_requests: pulls.map((pull) => pullMinimalShape(view, repository, pull)),
    created_at: run.createdAt,
    updated_at: run.createdAt,
    run_started_at: run.createdAt,
    actor,
    triggering_actor: actor,
    referenced_workflows: [],
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: apiUrl(view, repository, `/check-suites/${run.id}`),
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: apiUrl(view, repository, '/actions/workflows/1'),
    head_commit:
      simpleCommitShape(source, run.headSha) ?? simpleCommitShape(repository, run.headSha),
    repository: repositoryShape(view, repository),
    head_repository: repositoryShape(view, source),
  }
}

export function approvalShape(
  view: View,
  repository: Repository,
  approval: Run['approvals'][number],
): Shape {
  const { state, user, comment, environment } = approval
  return {
    state,
    comment,
    user: userShape(view, user),
    environments: [
      {
        id: 1,
        node_id: nodeId('Environment', 1),
        name: environment,
        url: apiUrl(view, repository, `/environments/${environment}`),
        html_url: webUrl(
          view,
          repository,
          `/deployments/activity_log?environments_filter=${environment}`,
        ),
        created_at: '2026-01-01T00:00:00Z',
        updated_at: '2026-01-01T00:00:00Z',
      },
    ],
  }
}

export function jobShape(
  view: View,
  repository: Repository,
  run: Run,
  job: Run['jobs'][number],
): Shape {
  return {
    id: job.id,
    run_id: run.id,
    run_url: apiUrl(view, repository, `/actions/runs/${run.id}`),
    run_attempt: run.attempt,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.headSha,
    url: apiUrl(view, repository, `/actions/jobs/${job.id}`),
    html_url: webUrl(view, repository, `/actions/runs/${run.id}/job/${job.id}`),
    status: job.status,
    conclusion: job.conclusion,
    created_at: run.createdAt,
    started_at: job.startedAt ?? run.createdAt,
    completed_at: job.status === 'completed' ? run.createdAt : null,
    name: job.name,
    steps: (job.steps ?? []).map(({ name, conclusion }, index) => ({
      name,
      status: conclusion === null ? 'in_progress' : 'completed',
      conclusion,
      number: index + 1,
      started_at: job.startedAt ?? run.createdAt,
      completed_at: conclusion === null ? null : run.createdAt,
    })),
    check_run_url: apiUrl(view, repository, `/check-runs/${job.id}`),
    labels: ['ubuntu-latest'],
    runner_id: 1,
    runner_name: 'GitHub Actions 1',
    runner_group_id: 1,
    runner_group_name: 'GitHub Actions',
    workflow_name: run.name,
    head_branch: run.headBranch,
  }
}

import {
  created,
  flag,
  isShape,
  numberParam,
  ok,
  oneOf,
  page,
  route,
  text,
  textOr,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { addDeployment, addDeploymentStatus, deploymentOf, environmentOf } from '../deployments.ts'
import { notFound } from '../refusal.ts'
import { deploymentShape, deploymentStatusShape } from '../shapes/records.ts'
import type { Deployment } from '../state.ts'

const STATES = [
  'error',
  'failure',
  'inactive',
  'in_progress',
  'queued',
  'pending',
  'success',
] as const
const deploymentAt = (call: RepositoryCall): Deployment =>
  deploymentOf(call.repository, numberParam(call, 'deployment_id'))

export const DEPLOYMENT_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/deployments', ['deployments:read'], (call) => {
    const { searchParams: query } = call.url
    const fits = (deployment: Deployment): boolean =>
      (['sha', 'ref', 'task', 'environment'] as const).every((name) =>
        [
          null,
          'none',
          name === 'environment' ? environmentOf(deployment) : deployment[name],
        ].includes(query.get(name)),
      )
    const newestFirst = call.repository.deployments
      .filter(fits)
      .sort((left, right) => right.id - left.id)
    return page(call, newestFirst, (deployment) =>
      deploymentShape(call.view, call.repository, deployment),
    )
  }),
  route('POST', '/repos/{owner}/{repo}/deployments', ['deployments:write'], (call) => {
    const [autoMerge, transient, production] = [
      flag(call, 'auto_merge'),
      flag(call, 'transient_environment'),
      flag(call, 'production_environment'),
    ]
    const contexts = call.body['required_contexts']
    const made = addDeployment(call.state, call.repository, {
      ref: text(call, 'ref'),
      task: textOr(call, 'task', 'deploy'),
      environment: textOr(call, 'environment', 'production'),
      payload: payload(call.body['payload']),
      description: textOr(call, 'description', null),
      actor: call.actor,
      ...(autoMerge === undefined ? {} : { autoMerge }),
      ...(transient === undefined ? {} : { transient }),
      ...(production === undefined ? {} : { production }),
      ...(Array.isArray(contexts) ? { requiredContexts: contexts.map(String) } : {}),
    })
    return typeof made === 'string'
      ? { status: 202, body: { message: made } }
      : created(deploymentShape(call.view, call.repository, made))
  }),
  route('GET', '/repos/{owner}/{repo}/deployments/{deployment_id}', ['deployments:read'], (call) =>
    ok(deploymentShape(call.view, call.repository, deploymentAt(call))),
  ),
  route(
    'GET',
    '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    ['deployments:read'],
    (call) => {
      const deployment = deploymentAt(call)
      return page(call, [...deployment.statuses].reverse(), (status) =>
        deploymentStatusShape(call.view, call.repository, deployment, status),
      )
    },
  ),
  route(
    'GET',
    '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses/{status_id}',
    ['deployments:read'],
    (call) => {
      const deployment = deploymentAt(call)
      const status = deployment.statuses.find(({ id }) => id === numberParam(call, 'status_id'))
      if (status === undefined) throw notFound()
      return ok(deploymentStatusShape(call.view, call.repository, deployment, status))
    },
  ),
  route(
    'POST',
    '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    ['deployments:write'],
    (call) => {
      const deployment = deploymentAt(call)
      const autoInactive = flag(call, 'auto_inactive')
      const environment = textOr(call, 'environment', null)
      const status = addDeploymentStatus(call.state, call.repository, deployment, {
        state: oneOf(call, 'state', STATES),
        description: textOr(call, 'description', ''),
        ...(environment === null ? {} : { environment }),
        logUrl: textOr(call, 'log_url', textOr(call, 'target_url', '')),
        environmentUrl: textOr(call, 'environment_url', ''),
        actor: call.actor,
        ...(autoInactive === undefined ? {} : { autoInactive }),
      })
      return created(deploymentStatusShape(call.view, call.repository, deployment, status))
    },
  ),
]

/** A payload sent as the text of JSON comes back as what the text says. */
function payload(sent: unknown): unknown {
  if (typeof sent !== 'string') return isShape(sent) ? sent : {}
  try {
    const parsed: unknown = JSON.parse(sent)
    return isShape(parsed) ? parsed : sent
  } catch {
    return sent
  }
}

import { describe, expect, it } from '@jest/globals'
import {
  deploymentReport,
  redeployTargets,
  type AboutDeployments,
} from '../../../src/snapshots/deployment-reports.ts'
import type { ServedDeployment } from '../../../src/snapshots/deployments.ts'
import { proveRedeployed } from '../../../src/snapshots/redeploy-proof.ts'
import { discovered } from './example.ts'

/** `training` after its rebuild; `id-old` is what it was before. */
const training = discovered('training', { version: '0.98.0' })

function deployment(more: Partial<ServedDeployment> = {}): ServedDeployment {
  return {
    id: 'd1',
    name: 'churn-api',
    project: 'default',
    projectId: 'p1',
    pipeline: 'churn',
    stack: { id: 's1', name: 'remote' },
    deployer: { name: 'cluster', flavor: 'kubernetes' },
    snapshotId: 'id-old',
    servedId: 'id-old',
    status: 'running',
    url: 'https://churn.example.com',
    answers: true,
    version: '0.94.1',
    isOld: true,
    ...more,
  }
}

function about(more: Partial<AboutDeployments> = {}): AboutDeployments {
  const keys = new Map([
    ['id-old', training.key],
    [training.id, training.key],
  ])
  return {
    when: 'after-rebuild',
    environment: 'staging',
    policy: 'list',
    keyOf: (id) => keys.get(id),
    isShard: false,
    outcomeOf: () => 'rebuilt',
    now: new Map([[training.key, training]]),
    ...more,
  }
}

const COMMAND = 'zenml deployment provision churn-api --snapshot training --pipeline churn'

describe('deploymentReport', () => {
  it('lists what still serves an old snapshot, with the command that changes it', () => {
    expect(deploymentReport(deployment(), about())).toEqual({
      id: 'd1',
      project: 'default',
      name: 'churn-api',
      pipeline: 'churn',
      snapshot: 'training',
      stack: 'remote',
      status: 'old',
      'server-status': 'running',
      url: 'https://churn.example.com',
      version: '0.94.1',
      message: 'It serves ZenML 0.94.1.',
      next: `Run \`${COMMAND}\` with the new client, or set \`deployments.staging\` to \`redeploy\`.`,
    })
  })

  it('says before the rebuild what the rebuild will do', () => {
    const listed = deploymentReport(deployment(), about({ when: 'before-rebuild' }))
    expect(listed.message).toBe('It serves ZenML 0.94.1. A rebuild does not change that.')
    expect(listed.next).toContain(`After the rebuild run \`${COMMAND}\``)
    const again = about({ when: 'before-rebuild', policy: 'redeploy' })
    expect(deploymentReport(deployment(), again)).toMatchObject({
      message: 'It serves ZenML 0.94.1. After the rebuild it is deployed again.',
      next: null,
    })
  })

  it.each([
    ['current', { servedId: training.id, isOld: false, version: '0.98.0' }, null],
    ['stopped', { status: 'absent', answers: false }, /not provisioned/],
    ['failed', { status: 'error', answers: false }, /The server says that it is error/],
    ['failed', { servedId: 'x', snapshotId: 'x' }, /an interrupted rebuild replaced that, or/],
    ['failed', { servedId: undefined, snapshotId: undefined, version: undefined }, /was deleted/],
    [
      'failed',
      { stack: { id: 's2', name: 'gpu' } },
      /on the stack gpu, and .* of the stack remote/,
    ],
    ['old', { deployer: { name: 'mine', flavor: 'local' } }, /on the machine that deployed it/],
  ] as const)('calls it %s where the file wants it deployed again: %j', (status, more, message) => {
    const report = deploymentReport(deployment(more), about({ policy: 'redeploy' }))
    expect(report.status).toBe(status)
    if (message === null) expect(report.message).toBeNull()
    else expect(report.message).toMatch(message)
  })

  it('leaves alone the deployment of an excluded snapshot, and what another shard may know', () => {
    const again = about({ policy: 'redeploy' })
    const excluded = { ...again, outcomeOf: () => 'excluded' as const }
    expect(deploymentReport(deployment(), excluded)).toMatchObject({
      status: 'old',
      'left-alone': true,
      message:
        'It serves ZenML 0.94.1. The snapshot default/churn/training is excluded, so the deployment is left alone.',
    })
    const unknown = deployment({ servedId: 'x', snapshotId: 'x' })
    expect(deploymentReport(unknown, { ...again, isShard: true }).status).toBe('old')
    expect(redeployTargets([deployment()], excluded, () => true)).toEqual([])
  })

  it('keeps a deployment as it is where its snapshot failed, also in its run', () => {
    const failing = about({ policy: 'redeploy', outcomeOf: () => 'failed' })
    expect(redeployTargets([deployment()], failing, () => true)).toEqual([])
    expect(deploymentReport(deployment(), failing)).toMatchObject({
      status: 'failed',
      message:
        'It serves ZenML 0.94.1. The snapshot default/churn/training failed, so the deployment is left as it is.',
    })
  })

  it('says that the snapshot is gone where it was lost', () => {
    expect(deploymentReport(deployment(), about({ now: new Map() })).message).toMatch(
      /The snapshot default\/churn\/training that it was made from is gone\.$/,
    )
  })
})

describe('redeployTargets', () => {
  const again = about({ policy: 'redeploy' })
  const of = (more: Partial<ServedDeployment>, around = again, isCurrent = true) =>
    redeployTargets([deployment(more)], around, () => isCurrent).map(({ snapshot }) => snapshot.id)

  it('deploys a rebuilt snapshot in the place of the old one, if the file says so', () => {
    expect(of({})).toEqual([training.id])
    expect(of({}, about())).toEqual([])
    expect(of({}, about({ policy: 'redeploy', when: 'before-rebuild' }))).toEqual([])
  })

  it('deploys again what failed half-way, also where the record names the new snapshot', () => {
    const failed = { snapshotId: training.id, servedId: training.id, isOld: false }
    expect(of({ ...failed, status: 'error', answers: false })).toEqual([training.id])
    expect(of({ snapshotId: training.id, servedId: 'id-old', status: 'error' })).toEqual([
      training.id,
    ])
  })

  it('leaves what was stopped on purpose, is current, or has no rebuilt snapshot', () => {
    expect(of({ status: 'absent', answers: false })).toEqual([])
    expect(of({ servedId: training.id, isOld: false })).toEqual([])
    expect(of({}, again, false)).toEqual([])
    expect(of({ servedId: 'x', snapshotId: 'x' })).toEqual([])
  })
})

describe('proveRedeployed', () => {
  const target = { deployment: deployment(), snapshot: training }
  const now = deployment({ snapshotId: training.id })
  const seen = { failure: undefined, logPath: 'logs/a.log', now, target: '0.98.0' }
  const failure = { error: 'DeployerError: no room', next: null }

  it('believes the deployment itself', () => {
    expect(proveRedeployed(target, { ...seen, servedId: training.id })).toMatchObject({
      status: 'redeployed',
      version: '0.98.0',
      message: null,
    })
    expect(proveRedeployed(target, { ...seen, servedId: 'id-old' })).toMatchObject({
      status: 'failed',
      message:
        'ZenML deployed it again, and the server says that it is running. It still serves the old one. The server already names the new snapshot for it.',
    })
  })

  it('believes the server only where the deployment does not answer, and says so', () => {
    expect(proveRedeployed(target, { ...seen, servedId: undefined })).toMatchObject({
      status: 'redeployed',
      message: expect.stringContaining('could not be asked itself') as unknown,
    })
    const error = { ...now, status: 'error' }
    expect(proveRedeployed(target, { ...seen, now: error, servedId: undefined }).status).toBe(
      'failed',
    )
  })

  it('says after a failure whether the old one is still served', () => {
    const still = proveRedeployed(target, { ...seen, failure, servedId: 'id-old' })
    expect(still).toMatchObject({
      status: 'failed',
      next: `Read logs/a.log, then run \`${COMMAND}\`.`,
    })
    expect(still.message).toBe(
      'It could not be deployed again: DeployerError: no room. It still serves the old one. The server already names the new snapshot for it.',
    )
    const silent = proveRedeployed(target, { ...seen, failure, servedId: undefined })
    expect(silent.message).toContain(
      'Nothing that this machine can reach answers at https://churn.example.com.',
    )
  })

  it('fails for one that was deleted meanwhile', () => {
    expect(proveRedeployed(target, { ...seen, now: undefined, servedId: undefined }).message).toBe(
      'It was deleted on the server meanwhile.',
    )
  })
})

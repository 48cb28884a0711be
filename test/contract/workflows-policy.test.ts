import { describe, expect, it } from '@jest/globals'
import {
  actionFiles,
  EXAMPLES,
  OWN_REF,
  ownAction,
  read,
  REUSABLE,
  reusablePath,
  SLUG,
  stepsOf,
  workflow,
  workflowFiles,
  type Job,
} from '../support/workflow-files.ts'

// What no tool knows: the rules this repository has for its own workflows.

/** Who goes by the record asks whose runs it is of; who takes the lock, which runs live. */
const READS = { contents: 'read', actions: 'read', deployments: 'read' }
const RECORDS = { contents: 'read', actions: 'read', deployments: 'write' }
const BUILDS = { ...RECORDS, 'id-token': 'write' }
const DEPLOYS = BUILDS
const PLANS_CODE = { ...READS, 'id-token': 'write' }
const REPORTS = { ...RECORDS, 'pull-requests': 'write', statuses: 'write' }
const PLANS = { ...READS, 'pull-requests': 'write', statuses: 'write' }

/** The workflows with jobs of their own. */
const CALLED = REUSABLE.filter((name) => name !== 'zenml-upgrade')
type Called = Exclude<(typeof REUSABLE)[number], 'zenml-upgrade'>
type ByJob<T> = Readonly<Record<Called, Readonly<Record<string, T>>>>

/** What every job may do, and nothing more. */
const PERMISSIONS: ByJob<Readonly<Record<string, string>>> = {
  'upgrade-staging': {
    propose: { contents: 'read', 'pull-requests': 'write' },
    acknowledge: RECORDS,
    'plan-snapshots': PLANS_CODE,
    upgrade: DEPLOYS,
    smoke: RECORDS,
    snapshots: BUILDS,
    report: REPORTS,
  },
  'gate-production': {
    staging: { contents: 'read' },
    acknowledge: RECORDS,
    gate: { ...READS, 'pull-requests': 'read', statuses: 'write' },
    approve: {},
    report: REPORTS,
  },
  'promote-production': {
    staging: { contents: 'read' },
    stacks: { contents: 'read' },
    'plan-snapshots': PLANS_CODE,
    upgrade: { ...DEPLOYS, 'pull-requests': 'read' },
    snapshots: BUILDS,
    report: REPORTS,
  },
  'plan-upgrade': { plan: PLANS },
}

/** What reads other repositories: the digest of what was tested covers their files. */
const READING = ['ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN']
/** What code of the repository gets; the key of the app can do more than read, so it is not here. */
const CODE = (environment: string) => [
  `ZENML_${environment}_API_KEY`,
  `ZENML_${environment}_SOURCES_ENV`,
  'ZENML_UPGRADE_SOURCES_TOKEN',
]
const UPGRADE = (environment: string) => [
  `ZENML_${environment}_API_KEY`,
  `ZENML_${environment}_DATABASE_URL`,
  `ZENML_${environment}_ENV`,
  ...READING,
]

/**
 * Which jobs see which secret. A job that asks only public facts gets none, and a plan gets none.
 */
const SECRETS: ByJob<readonly string[]> = {
  'upgrade-staging': {
    propose: ['ZENML_UPGRADE_APP_KEY'],
    acknowledge: [],
    'plan-snapshots': CODE('STAGING'),
    upgrade: UPGRADE('STAGING'),
    smoke: CODE('STAGING'),
    snapshots: CODE('STAGING'),
    report: READING,
  },
  'gate-production': { staging: [], acknowledge: [], gate: READING, approve: [], report: READING },
  'promote-production': {
    staging: [],
    stacks: ['ZENML_STAGING_API_KEY'],
    'plan-snapshots': CODE('PRODUCTION'),
    upgrade: UPGRADE('PRODUCTION'),
    snapshots: CODE('PRODUCTION'),
    report: READING,
  },
  'plan-upgrade': { plan: [] },
}

/**
 * The GitHub environment of a job, as the file has it. A job that needs no secret of a server asks
 * nobody for an approval but in `approve`.
 */
const TARGET = '${{ inputs.environment-name }}'
const ENVIRONMENTS: ByJob<string> = {
  'upgrade-staging': {
    'plan-snapshots': TARGET,
    upgrade: TARGET,
    smoke: TARGET,
    snapshots: TARGET,
  },
  'gate-production': { approve: '${{ inputs.approval-environment-name }}' },
  'promote-production': {
    stacks: '${{ inputs.staging-environment-name }}',
    'plan-snapshots': TARGET,
    upgrade: TARGET,
    snapshots: TARGET,
  },
  'plan-upgrade': {},
}

/** What a caller grants once for all; no workflow may ask for more until version 2. */
const UNION = {
  contents: 'read',
  actions: 'read',
  deployments: 'write',
  'id-token': 'write',
  issues: 'write',
  'pull-requests': 'write',
  statuses: 'write',
}

/** A label or JSON: `fromJSON` of a bare label fails. */
const RUNNERS = ['runs-on', 'staging-runs-on', 'report-runs-on'].map((name) => {
  const input = `inputs.${name}`
  const json = ['[', '{', '"'].map((start) => `startsWith(${input}, '${start}')`).join(' || ')
  return `\${{ (${json}) && fromJSON(${input}) || ${input} }}`
})

/** Actions that run code of the repository: its pipelines and tests, or what deploys and backs up. */
const RUNS_PIPELINES = /\/actions\/(run-smoke-suite|rebuild-snapshots)$/
const RUNS_DEPLOY = /\/actions\/upgrade-workspace/
const RUNS_CODE = /\/actions\/(run-smoke-suite|rebuild-snapshots|upgrade-workspace)$/

const jobsOf = (name: (typeof REUSABLE)[number]): [string, Job][] =>
  Object.entries(workflow(reusablePath(name)).jobs)
const secretsIn = (value: object | undefined): string[] =>
  [
    ...new Set(
      [...JSON.stringify(value ?? {}).matchAll(/secrets\.(\w+)/g)].map(([, secret = '']) => secret),
    ),
  ].sort()

describe.each(CALLED)('%s', (name) => {
  const file = workflow(reusablePath(name))

  it('is only called, and may do nothing outside its jobs', () => {
    expect(Object.keys(file.on)).toEqual(['workflow_call'])
    expect(file.permissions).toEqual({})
  })

  it('gives every job what it needs and no more', () => {
    expect(Object.fromEntries(jobsOf(name).map(([id, job]) => [id, job.permissions]))).toEqual(
      PERMISSIONS[name],
    )
    expect(Object.fromEntries(jobsOf(name).map(([id, job]) => [id, secretsIn(job)]))).toEqual(
      SECRETS[name],
    )
  })

  it('declares every secret that it reads, and asks for none', () => {
    const { secrets = {} } = file.on.workflow_call ?? {}
    for (const secret of secretsIn(file.jobs)) expect(Object.keys(secrets)).toContain(secret)
    for (const [secret, { required }] of Object.entries(secrets))
      expect([secret, required]).toEqual([secret, false])
  })

  it('uses the GitHub environments for secrets and approvals, and makes no deployments with them', () => {
    const environments = jobsOf(name).flatMap(([id, { environment }]) =>
      environment === undefined ? [] : [[id, environment]],
    )
    expect(Object.fromEntries(environments)).toEqual(
      Object.fromEntries(
        Object.entries(ENVIRONMENTS[name]).map(([id, environment]) => [
          id,
          { name: environment, deployment: false },
        ]),
      ),
    )
  })

  it('gives no job the keys of two servers, and each key only to work on its own environment', () => {
    for (const [id, job] of jobsOf(name)) {
      const servers = secretsIn(job.steps).flatMap(
        (secret) => /^ZENML_(STAGING|PRODUCTION)_/.exec(secret)?.[1]?.toLowerCase() ?? [],
      )
      expect([id, new Set(servers).size]).toEqual([id, servers.length === 0 ? 0 : 1])
      for (const { with: inputs, uses = '' } of job.steps ?? [])
        if (secretsIn(inputs).length > 0 && !uses.endsWith('/secret-environment'))
          expect([id, inputs?.['environment']]).toEqual([id, servers[0]])
    }
  })

  it('runs code of the repository beside no secret but its own server’s key and what the code needs', () => {
    for (const [id, { steps = [] }] of jobsOf(name)) {
      const runsCode = steps.some(({ uses = '' }) => RUNS_CODE.test(uses))
      for (const { uses = '', ...step } of runsCode ? steps : []) {
        const allowed = uses.endsWith('/check-out-sources')
          ? RUNS_DEPLOY.test(JSON.stringify(steps))
            ? READING
            : ['ZENML_UPGRADE_SOURCES_TOKEN']
          : uses.endsWith('/upgrade-workspace')
            ? [/^ZENML_(STAGING|PRODUCTION)_(API_KEY|DATABASE_URL)$/]
            : [/^ZENML_(STAGING|PRODUCTION)_(API_KEY|ENV|SOURCES_ENV)$/]
        for (const secret of secretsIn(step))
          expect([
            id,
            uses,
            secret,
            allowed.some((each) =>
              typeof each === 'string' ? each === secret : each.test(secret),
            ),
          ]).toEqual([id, uses, secret, true])
      }
      // Pipeline code never runs where the database, the deployment, or the app can be reached.
      if (steps.some(({ uses = '' }) => RUNS_PIPELINES.test(uses)))
        for (const secret of secretsIn(steps))
          expect([id, secret]).toEqual([
            id,
            expect.stringMatching(/_(API_KEY|SOURCES_ENV|SOURCES_TOKEN)$/),
          ])
    }
  })

  it('ends some time, on the runner that the caller chose', () => {
    for (const [id, job] of jobsOf(name)) {
      expect([id, job['timeout-minutes']]).toEqual([id, expect.anything()])
      expect(RUNNERS).toContain(job['runs-on'])
    }
  })

  it('leaves no token behind in a checkout', () => {
    for (const { step } of stepsOf(reusablePath(name))) {
      if (step.uses?.startsWith('actions/checkout@') === true)
        expect(step.with?.['persist-credentials']).toBe(false)
    }
  })
})

describe('who waits for whom', () => {
  it.each(['upgrade-staging', 'promote-production'] as const)(
    '%s: one at a time on a server, all in a queue, none cancelled',
    (name) => {
      expect(workflow(reusablePath(name)).concurrency).toEqual({
        group: `zenml-upgrade-${TARGET}-\${{ inputs.config }}`,
        'cancel-in-progress': false,
        queue: 'max',
      })
    },
  )

  it('a run that waits for an approval, a soak, or a schedule holds no group of the queue', () => {
    expect(workflow(reusablePath('zenml-upgrade')).concurrency).toBeUndefined()
    const { concurrency, jobs } = workflow(reusablePath('gate-production'))
    expect(concurrency).toBeUndefined()
    const groups = Object.entries(jobs).map(([id, job]) => [id, job.concurrency?.group])
    expect(Object.fromEntries(groups)).toEqual({
      // Scheduled runs have a group of their own, and no other run waits in it.
      gate: "zenml-upgrade-gate-${{ inputs.config }}-${{ github.event_name == 'schedule' && 'schedule' || github.run_id }}",
    })
  })

  it('uses a group at one level only', () => {
    const groups = REUSABLE.flatMap((name) => {
      const { concurrency, jobs } = workflow(reusablePath(name))
      return [concurrency, ...Object.values(jobs).map((job) => job.concurrency)].flatMap(
        (each) => each?.group ?? [],
      )
    })
    // Staging and production share the text of a group, and never its value: no run calls both.
    expect([...new Set(groups)]).toHaveLength(3)
  })

  it('a plan may be replaced by the next one of the same pull request only', () => {
    expect(workflow(reusablePath('plan-upgrade')).concurrency).toEqual({
      group: 'zenml-upgrade-plan-${{ inputs.config }}-${{ github.ref }}',
      'cancel-in-progress': true,
    })
  })

  it.each([
    ['upgrade-staging', 'always()'],
    ['gate-production', "always() && needs.approve.result != 'success'"],
    ['promote-production', 'always()'],
  ] as const)(
    'the report of %s waits for every other job and gets the result of each, whatever became of them',
    (name, condition) => {
      const { report, ...others } = workflow(reusablePath(name)).jobs
      expect(report?.if).toBe(condition)
      expect(report?.needs).toEqual(Object.keys(others))
      expect(report?.steps?.at(-1)?.with?.['jobs']).toBe('${{ toJSON(needs) }}')
    },
  )
})

describe('the front', () => {
  const front = workflow(reusablePath('zenml-upgrade'))
  const calls = Object.entries(front.jobs).filter(([, { uses }]) => uses !== undefined)

  it('is only called, and its one job of its own may do nothing', () => {
    expect(Object.keys(front.on)).toEqual(['workflow_call'])
    expect(front.permissions).toEqual({})
    const own = Object.entries(front.jobs).filter(([, { uses }]) => uses === undefined)
    expect(own.map(([id, { permissions }]) => [id, permissions])).toEqual([['wrong-branch', {}]])
  })

  it('calls every other workflow at its own commit', () => {
    expect(calls.map(([, { uses }]) => uses).sort()).toEqual(
      CALLED.map((name) => `$/${reusablePath(name)}`).sort(),
    )
  })

  it('grants each what its jobs need together, hands over every input and secret by name, and nothing else', () => {
    for (const [, { uses = '', permissions, with: inputs = {}, secrets = {} }] of calls) {
      const name = CALLED.find((each) => uses === `$/${reusablePath(each)}`) ?? 'plan-upgrade'
      expect(permissions).toEqual(together(Object.values(PERMISSIONS[name])))
      const called = workflow(reusablePath(name)).on.workflow_call
      expect(Object.keys(inputs)).toEqual(Object.keys(called?.inputs ?? {}))
      expect(secrets).toEqual(
        Object.fromEntries(
          Object.keys(called?.secrets ?? {}).map((secret) => [secret, `\${{ secrets.${secret} }}`]),
        ),
      )
    }
  })

  it('asks for no more than the permissions that a caller grants once for all', () => {
    const sum = together(calls.map(([, { permissions = {} }]) => permissions))
    // Issues are for the notice of a failed watch.
    expect({ ...sum, issues: 'write' }).toEqual(UNION)
    expect(read('docs/workflows.md')).toContain(
      Object.entries(UNION)
        .map(([name, level]) => `${name}: ${level}`)
        .join(', '),
    )
  })

  it('has the defaults of the workflows that it calls', () => {
    for (const name of CALLED)
      for (const [input, { default: value }] of Object.entries(
        workflow(reusablePath(name)).on.workflow_call?.inputs ?? {},
      )) {
        const own = front.on.workflow_call?.inputs?.[input]?.default
        if (own !== undefined && own !== '' && input !== 'environment-name')
          expect([name, input, value]).toEqual([name, input, own])
      }
  })
})

describe('every file that GitHub reads', () => {
  const files = [...workflowFiles(), ...actionFiles()]

  it('pins the actions of others to a commit and says which version that is', () => {
    for (const path of files) {
      for (const [line, uses = ''] of read(path).matchAll(/^\s*(?:- )?uses: (\S+).*$/gm)) {
        if (
          uses.startsWith('$/') ||
          uses.startsWith('./') ||
          uses.startsWith(`${SLUG}/`) ||
          uses.startsWith(`${SLUG}@`)
        )
          continue
        expect([path, line]).toEqual([
          path,
          expect.stringMatching(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/),
        ])
      }
    }
  })

  it('has no expression in a script', () => {
    for (const path of files) {
      for (const { step } of stepsOf(path))
        expect([path, step.run ?? '']).toEqual([path, expect.not.stringContaining('${{')])
    }
  })

  it('names its scripts’ shell, so that the runner does not choose', () => {
    for (const path of files) {
      for (const { step } of stepsOf(path))
        if (step.run !== undefined)
          expect([path, step.name, step.shell]).toEqual([path, step.name, 'bash'])
    }
  })

  it('calls what belongs to it at its own commit, and only the setup of the caller by its place', () => {
    for (const path of files) {
      for (const {
        step: { uses = '' },
      } of stepsOf(path)) {
        if (uses.startsWith('./')) expect(uses).toBe('./.github/actions/zenml-upgrade-setup')
        // GitHub Enterprise Server does not know it, and the four actions run there.
        if (path.startsWith('actions/')) expect(uses).not.toMatch(/^\$\//)
        const own = ownAction(uses)
        if (own !== undefined) expect(actionFiles()).toContain(own)
        if (uses.startsWith(SLUG)) expect(EXAMPLES).toContain(path)
      }
    }
  })
})

describe("the users' files", () => {
  it('are started by the same events, on the two branches, and by the same form', () => {
    const choice = { description: expect.any(String), type: 'choice' }
    const text = { description: expect.any(String), type: 'string' }
    for (const path of EXAMPLES) {
      expect(workflow(path).on).toEqual({
        push: { branches: ['staging', 'main'] },
        pull_request: {
          branches: ['staging', 'main'],
          types: ['opened', 'synchronize', 'reopened', 'edited', 'labeled', 'unlabeled'],
        },
        merge_group: null,
        workflow_dispatch: {
          inputs: {
            run: { ...choice, options: ['upgrade', 'acknowledge'] },
            environment: { ...choice, options: ['staging', 'production'] },
            reason: text,
            attempt: text,
          },
        },
      })
      expect(workflow(path).permissions).toEqual({})
    }
  })

  it('grant the permissions that were decided once for all, and hand over every secret by name', () => {
    const [job, ...others] = Object.values(workflow(EXAMPLES[0]).jobs)
    expect(others).toEqual([])
    expect(job?.uses).toBe(`${SLUG}/${reusablePath('zenml-upgrade')}@${OWN_REF}`)
    expect(job?.permissions).toEqual(UNION)
    const { secrets = {} } = workflow(reusablePath('zenml-upgrade')).on.workflow_call ?? {}
    expect(job?.secrets).toEqual(
      Object.fromEntries(Object.keys(secrets).map((name) => [name, `\${{ secrets.${name} }}`])),
    )
  })

  it('fit on a screen', () => {
    expect(read(EXAMPLES[0]).trimEnd().split('\n').length).toBeLessThanOrEqual(35)
  })
})

function together(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const union: Record<string, string> = {}
  for (const permissions of all)
    for (const [name, level] of Object.entries(permissions))
      if (union[name] !== 'write') union[name] = level
  return union
}

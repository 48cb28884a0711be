import { describe, expect, it } from '@jest/globals'
import {
  actionFiles,
  EXAMPLES,
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
const TELLS = { ...RECORDS, 'pull-requests': 'write', statuses: 'write' }
const PLANS = { ...READS, 'pull-requests': 'write', statuses: 'write' }

/** What every job may do, and nothing more. */
const PERMISSIONS: Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>
> = {
  'upgrade-staging': {
    propose: { contents: 'read', 'pull-requests': 'write' },
    upgrade: DEPLOYS,
    smoke: RECORDS,
    shards: READS,
    snapshots: BUILDS,
    report: TELLS,
  },
  'promote-production': {
    staging: { contents: 'read' },
    gate: { ...READS, 'pull-requests': 'read', statuses: 'write' },
    stacks: { contents: 'read' },
    upgrade: { ...DEPLOYS, 'pull-requests': 'read' },
    shards: READS,
    snapshots: BUILDS,
    report: TELLS,
  },
  'plan-upgrade': { plan: PLANS },
}

/**
 * Which jobs see which secret. The suite, whose tests are anybody's code, gets the key of the
 * server and what reads code; a plan gets none.
 */
const SECRETS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'upgrade-staging': {
    propose: ['ZENML_UPGRADE_APP_KEY'],
    upgrade: [
      'ZENML_DATABASE_URL',
      'ZENML_STORE_API_KEY',
      'ZENML_UPGRADE_APP_KEY',
      'ZENML_UPGRADE_ENV',
      'ZENML_UPGRADE_SOURCES_TOKEN',
    ],
    smoke: ['ZENML_STORE_API_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN'],
    shards: [
      'ZENML_STORE_API_KEY',
      'ZENML_UPGRADE_APP_KEY',
      'ZENML_UPGRADE_ENV',
      'ZENML_UPGRADE_SOURCES_TOKEN',
    ],
    snapshots: [
      'ZENML_STORE_API_KEY',
      'ZENML_UPGRADE_APP_KEY',
      'ZENML_UPGRADE_ENV',
      'ZENML_UPGRADE_SOURCES_TOKEN',
    ],
    report: ['ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN'],
  },
  'promote-production': {
    staging: ['ZENML_STORE_API_KEY', 'ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN'],
    // Of the key it only asks whether there is one: see its output `keys`.
    gate: ['ZENML_STORE_API_KEY', 'ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN'],
    stacks: ['ZENML_STORE_API_KEY'],
    upgrade: [
      'ZENML_DATABASE_URL',
      'ZENML_STORE_API_KEY',
      'ZENML_UPGRADE_APP_KEY',
      'ZENML_UPGRADE_ENV',
      'ZENML_UPGRADE_SOURCES_TOKEN',
    ],
    shards: [
      'ZENML_STORE_API_KEY',
      'ZENML_UPGRADE_APP_KEY',
      'ZENML_UPGRADE_ENV',
      'ZENML_UPGRADE_SOURCES_TOKEN',
    ],
    snapshots: [
      'ZENML_STORE_API_KEY',
      'ZENML_UPGRADE_APP_KEY',
      'ZENML_UPGRADE_ENV',
      'ZENML_UPGRADE_SOURCES_TOKEN',
    ],
    report: ['ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN'],
  },
  'plan-upgrade': { plan: [] },
}

/**
 * The GitHub environment of a job, as the file has it. Where nobody needs a secret, nobody is asked
 * for an approval.
 */
const TARGET = '${{ inputs.environment-name }}'
const ENVIRONMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'upgrade-staging': { upgrade: TARGET, smoke: TARGET, shards: TARGET, snapshots: TARGET },
  'promote-production': {
    staging: '${{ inputs.staging-environment-name }}',
    stacks: '${{ inputs.staging-environment-name }}',
    upgrade: TARGET,
    shards: TARGET,
    snapshots: TARGET,
  },
  'plan-upgrade': {},
}

/** Of the environment that a GitHub environment belongs to. */
const BELONGS: Readonly<Record<string, string>> = {
  'upgrade-staging': 'staging',
  'promote-production': 'production',
}

const jobsOf = (name: (typeof REUSABLE)[number]): [string, Job][] =>
  Object.entries(workflow(reusablePath(name)).jobs)
const secretsIn = (value: unknown): string[] =>
  [
    ...new Set(
      [...JSON.stringify(value).matchAll(/secrets\.(\w+)/g)].map(([, secret = '']) => secret),
    ),
  ].sort()

describe.each(REUSABLE)('%s', (name) => {
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
        Object.entries(ENVIRONMENTS[name] ?? {}).map(([id, environment]) => [
          id,
          { name: environment, deployment: false },
        ]),
      ),
    )
  })

  // A job has one GitHub environment, so one key of a server; what is read of the other one comes
  // as an artifact.
  it('gives no job the keys of both environments: who has a key works on the environment it is of', () => {
    for (const [id, job] of jobsOf(name)) {
      if (!secretsIn(job.steps).includes('ZENML_STORE_API_KEY')) continue
      const github = typeof job.environment === 'object' ? job.environment.name : undefined
      const own = github?.includes('staging-environment-name') === true ? 'staging' : BELONGS[name]
      const keyed = (job.steps ?? []).filter(
        ({ with: inputs }) => inputs?.['api-key'] !== undefined,
      )
      expect([
        id,
        github === undefined,
        keyed.map(({ with: inputs }) => inputs?.['environment']),
      ]).toEqual([id, false, keyed.map(() => own)])
      expect(keyed.map(({ with: inputs }) => inputs?.['api-key'])).toEqual(
        keyed.map(() => '${{ secrets.ZENML_STORE_API_KEY }}'),
      )
    }
  })

  it('ends some time, on the runner that the caller chose', () => {
    for (const [id, job] of jobsOf(name)) {
      expect([id, job['timeout-minutes']]).toEqual([id, expect.anything()])
      // What GitHub makes of it: workflows-expressions.test.ts.
      expect(job['runs-on']).toMatch(/^\$\{\{ .*\binputs\.(staging-)?runs-on\b.* \}\}$/)
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

  it('a plan may be replaced by the next one of the same pull request only', () => {
    expect(workflow(reusablePath('plan-upgrade')).concurrency).toEqual({
      group: 'zenml-upgrade-plan-${{ inputs.config }}-${{ github.ref }}',
      'cancel-in-progress': true,
    })
  })

  it.each(['upgrade-staging', 'promote-production'] as const)(
    'the report of %s waits for every other job and runs whatever became of them',
    (name) => {
      const { report, ...others } = workflow(reusablePath(name)).jobs
      expect(report?.if).toBe('always()')
      expect(report?.needs).toEqual(Object.keys(others))
    },
  )
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
  it('are started by the same events, on the two branches', () => {
    for (const path of EXAMPLES) {
      expect(workflow(path).on).toEqual({
        push: { branches: ['staging', 'main'] },
        pull_request: {
          branches: ['staging', 'main'],
          types: ['opened', 'synchronize', 'reopened', 'labeled', 'unlabeled'],
        },
        merge_group: null,
        workflow_dispatch: {
          inputs: {
            'override-reason': {
              description: 'Why production follows although the gate is closed',
              type: 'string',
              default: '',
            },
            'acknowledge-attempt': {
              description: 'Attempt whose loss is accepted',
              type: 'string',
              default: '',
            },
            'acknowledge-reason': {
              description: 'Why the loss is accepted',
              type: 'string',
              default: '',
            },
          },
        },
      })
      expect(workflow(path).permissions).toEqual({})
    }
  })

  it('take each event to one place', () => {
    const conditions = {
      plan: "github.event_name == 'pull_request' || github.event_name == 'merge_group'",
      staging: "github.ref == 'refs/heads/staging' && !github.event.deleted",
      production: "github.ref == 'refs/heads/main' && !github.event.deleted",
    }
    for (const path of EXAMPLES)
      expect(
        Object.fromEntries(Object.entries(workflow(path).jobs).map(([id, job]) => [id, job.if])),
      ).toEqual(conditions)
  })

  it('permit what the called jobs need, together', () => {
    const called = {
      plan: 'plan-upgrade',
      staging: 'upgrade-staging',
      production: 'promote-production',
    } as const
    const jobs = workflow(EXAMPLES[0]).jobs
    for (const [id, name] of Object.entries(called)) {
      expect(jobs[id]?.uses).toBe(`${SLUG}/${reusablePath(name)}@v1`)
      expect(jobs[id]?.permissions).toEqual(together(Object.values(PERMISSIONS[name] ?? {})))
    }
  })

  it('fit on a screen', () => {
    expect(read(EXAMPLES[0]).trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  })
})

function together(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const union: Record<string, string> = {}
  for (const permissions of all)
    for (const [name, level] of Object.entries(permissions))
      if (union[name] !== 'write') union[name] = level
  return union
}

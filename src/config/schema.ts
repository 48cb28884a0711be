import * as z from 'zod'
import { backup, deploy } from './drivers.ts'
import type { Environment } from '../core/environments.ts'
import { duration, timeout } from './duration.ts'
import { freezeWindow } from './freeze.ts'
import { zenmlVersion } from './target-version.ts'
import { gitRef, json, pathInside, pipelineSource, text, variable, webAddress } from './fields.ts'

const ofBoth = <T extends z.ZodType>(value: (environment: Environment) => T) =>
  z.strictObject({ staging: value('staging'), production: value('production') })

const zenml = z
  .union(
    [
      zenmlVersion,
      z.strictObject({
        from: text.describe('a YAML file, relative to this one'),
        path: text.describe(
          'where the version stands in it: keys and list positions with dots between, such as dependencies.0.version',
        ),
      }),
      z.strictObject({
        follow: z.literal('server').describe('whatever the server runs, for managed workspaces'),
      }),
    ],
    'must be a version such as 0.98.0, or {from: <file>, path: <keys>}, or {follow: server}',
  )
  .describe(
    'the version of ZenML this branch deploys, such as 0.98.0; or {from, path}, where it stands in another file; or {follow: server}',
  )

const environment = z.strictObject({
  server: webAddress
    .optional()
    .describe(
      'address of the ZenML server, not of the Pro dashboard; left out, ZENML_STORE_URL or the input server-url gives it',
    ),
  deploy,
  backup: backup.optional(),
})

const source = z.strictObject({
  name: text.describe('name of the source, for `smoke` and for messages'),
  repository: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*\/[\w.-]+$/, 'must be owner/name of a repository on the same GitHub')
    .optional()
    .describe('owner/name of another repository; left out, this one'),
  ref: ofBoth((name) => gitRef.describe(`branch, tag or full commit for ${name}`))
    .optional()
    .describe('what to check out of that repository; left out, its default branch'),
  path: pathInside.prefault('.').describe('ZenML source root, relative to the repository'),
  python: z
    .string()
    .regex(/^3\.\d{1,2}$/, 'must be a Python version such as "3.11"')
    .optional()
    .describe("Python version to build with, in quotes; left out, the one of the snapshot's build"),
  install: z
    .strictObject({
      requirements: z
        .array(text)
        .prefault([])
        .describe(
          'requirements files, pyproject.toml or lock files (uv.lock, poetry.lock, pylock.toml), relative to the source root',
        ),
      'index-env': z
        .array(variable)
        .prefault([])
        .describe('names of environment variables that pip or uv need to reach your package index'),
    })
    .prefault({})
    .describe('what the code needs besides ZenML'),
  snapshots: z
    .array(text)
    .optional()
    .describe(
      'patterns of the snapshot names whose code is here, * stands for any text, [] for none; left out, its snapshots are found by their code reference, or by the module of their pipeline',
    ),
})

const smokeSuite = z.strictObject({
  source: text
    .optional()
    .describe('name of the source the command runs in; may be left out when there is one source'),
  command: text.describe('a shell command, run in the source root with the new client'),
  junit: text
    .optional()
    .describe(
      'the JUnit file the command writes; left out, we choose a path, give it as SMOKE_JUNIT_FILE and pass it to pytest',
    ),
  timeout: timeout.prefault('30m').describe('how long it may take'),
})

const snapshot = z.strictObject({
  name: text.describe('name of the snapshot'),
  project: text.optional().describe('its project; needed only while the name is ambiguous'),
  pipeline: text.optional().describe('its pipeline; needed only while the name is ambiguous'),
  config: z
    .strictObject({
      staging: text.optional().describe('file for staging'),
      production: text.optional().describe('file for production'),
    })
    .optional()
    .describe(
      "run configuration file of each environment, relative to the source root; left out, the snapshot's own record",
    ),
  'pipeline-source': pipelineSource
    .optional()
    .describe(
      'module.attribute of the pipeline, for one that is made by a function, was renamed, or was defined in a notebook; left out, what the snapshot recorded',
    ),
  code: z
    .enum(['branch', 'recorded'])
    .optional()
    .describe(
      "which code it is rebuilt from: that of the environment's branch, or that of the commit in its code reference; left out, the branch",
    ),
  smoke: z
    .strictObject({
      parameters: json.optional().describe('pipeline parameters'),
      steps: z.record(text, json).optional().describe('step name: configuration of the step'),
    })
    .optional()
    .describe('what is different when the snapshot is only tried out'),
  timeout: timeout.prefault('1h').describe('how long a run of it may take'),
})

const execute = z.enum(['all', 'declared', 'none'])

const deployments = z.enum(['list', 'redeploy'])

/**
 * `zenml-upgrade.yml`, as the user writes it. Keys keep their spelling in the file; durations
 * become seconds.
 */
export const configSchema = z
  .strictObject({
    zenml,
    environments: ofBoth((name) =>
      environment.describe(`the ${name} server, deployed from its own branch`),
    ).describe('the two servers, staging and production'),
    projects: z
      .array(text)
      .min(1)
      .optional()
      .describe('projects to work on; left out, all that the key can see'),
    sources: z
      .array(source)
      .min(1)
      .prefault([{ name: 'default' }])
      .describe('where pipeline code lives; left out, this repository at its root'),
    stacks: z
      .record(text, text)
      .prefault({})
      .describe(
        'production stack: its twin in staging; a stack that is not listed has a twin of the same name',
      ),
    smoke: z
      .array(smokeSuite)
      .prefault([])
      .describe('the smoke suite: commands that test the upgraded server'),
    snapshots: z
      .array(snapshot)
      .prefault([])
      .describe(
        'what is special about some snapshots; all others are discovered and rebuilt from their own record',
      ),
    exclude: z
      .array(
        z.strictObject({
          pattern: text.describe('pattern of snapshot names; * stands for any text'),
          reason: text.describe('why, for the report'),
        }),
      )
      .prefault([])
      .describe('snapshots that are left alone'),
    execute: z
      .strictObject({
        staging: execute.prefault('all').describe('which rebuilt snapshots are run in staging'),
        production: execute
          .prefault('none')
          .describe('which rebuilt snapshots are run in production'),
      })
      .prefault({})
      .describe('which rebuilt snapshots are run: all, the declared ones, or none'),
    deployments: z
      .strictObject({
        staging: deployments
          .prefault('list')
          .describe('what is done in staging with deployments of a rebuilt snapshot'),
        production: deployments
          .prefault('list')
          .describe('what is done in production with deployments of a rebuilt snapshot'),
      })
      .prefault({})
      .describe(
        'what is done with HTTP deployments that still serve an old snapshot after a rebuild: list them, or redeploy them with the rebuilt one',
      ),
    schedules: z
      .array(z.strictObject({ name: text.describe('name of the schedule') }))
      .prefault([])
      .describe('what is special about some schedules'),
    promotion: z
      .strictObject({
        soak: duration
          .prefault('0m')
          .describe('how long staging must be green before production may be upgraded'),
        watch: duration.prefault('0m').describe('how long production is watched after the upgrade'),
        'hold-label': text
          .prefault('upgrade-hold')
          .describe('label that holds the promotion pull request back'),
        freeze: z
          .array(freezeWindow)
          .prefault([])
          .describe(
            'weekly windows in which production is not upgraded, such as "Fri 15:00 – Mon 07:00 Europe/Berlin"',
          ),
      })
      .prefault({})
      .describe('when production may be upgraded'),
  })
  .meta({
    title: 'zenml-upgrade.yml',
    description: 'What zenml-upgrade deploys, tests and rebuilds.',
  })

export type Config = z.infer<typeof configSchema>
export type EnvironmentConfig = Config['environments'][Environment]
export type Source = Config['sources'][number]
export type SmokeSuite = Config['smoke'][number]
export type DeclaredSnapshot = Config['snapshots'][number]

import * as z from 'zod'
import { backup, deploy } from './drivers.ts'
import { duration } from './duration.ts'

/** The two environments of the guide; each has one long-lived branch. */
export const ENVIRONMENTS = ['staging', 'production'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

const text = z.string().min(1)
const perEnvironment = <T extends z.ZodType>(value: T) => z.strictObject({ staging: value, production: value })
const json = z.record(z.string(), z.json())

const environment = z.strictObject({
  server: z.url({ protocol: /^https?$/ }).describe('address of the ZenML server, not of the Pro dashboard'),
  deploy,
  backup: backup.optional()
})

const source = z.strictObject({
  name: text,
  repository: text.optional(),
  ref: perEnvironment(text).optional(),
  path: text.default('.').describe('ZenML source root, relative to the repository'),
  python: z.string().regex(/^3\.\d+$/, 'must be a Python version such as "3.11"').optional(),
  install: z.strictObject({ requirements: z.array(text).default([]), 'index-env': z.array(text).default([]) }).default({ requirements: [], 'index-env': [] }),
  snapshots: z.array(text).default(['*']).describe('name patterns of the snapshots whose code is here')
})

const smokeSuite = z.strictObject({
  source: text.optional(),
  command: text,
  junit: text.optional(),
  timeout: duration.default(1800)
})

const snapshot = z.strictObject({
  name: text,
  project: text.optional(),
  pipeline: text.optional(),
  config: z.strictObject({ staging: text.optional(), production: text.optional() }).optional(),
  smoke: z.strictObject({ parameters: json.optional(), steps: z.record(z.string(), json).optional() }).optional(),
  timeout: duration.default(3600)
})

const execute = z.enum(['all', 'declared', 'none'])

/** `zenml-upgrade.yml`, as the user writes it. Keys keep their spelling in the file; durations become seconds. */
export const configSchema = z.strictObject({
  zenml: z.union([text, z.strictObject({ from: text, path: text }), z.strictObject({ follow: z.literal('server') })]),
  environments: perEnvironment(environment),
  projects: z.array(text).optional(),
  sources: z.array(source).min(1).default([
    { name: 'default', path: '.', install: { requirements: [], 'index-env': [] }, snapshots: ['*'] }
  ]),
  stacks: z.record(z.string(), text).default({}).describe('production name: staging twin'),
  smoke: z.array(smokeSuite).default([]),
  snapshots: z.array(snapshot).default([]),
  exclude: z.array(z.strictObject({ pattern: text, reason: text })).default([]),
  execute: z.strictObject({ staging: execute.default('all'), production: execute.default('none') }).default({ staging: 'all', production: 'none' }),
  schedules: z.array(z.strictObject({ name: text })).default([]),
  promotion: z
    .strictObject({
      soak: duration.default(0),
      watch: duration.default(0),
      'hold-label': text.default('upgrade-hold'),
      freeze: z.array(text).default([])
    })
    .default({ soak: 0, watch: 0, 'hold-label': 'upgrade-hold', freeze: [] })
})

export type Config = z.infer<typeof configSchema>
export type EnvironmentConfig = Config['environments'][Environment]
export type Source = Config['sources'][number]
export type SmokeSuite = Config['smoke'][number]
export type DeclaredSnapshot = Config['snapshots'][number]

// The files of this repository that GitHub reads, and what they say.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { LAST_RELEASE } from '../../src/core/release.ts'

export const ROOT = resolve(import.meta.dirname, '..', '..')
/** How users' files and other repositories call this one. */
export const SLUG = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { repository: string }
).repository

/** How users' files name the last release; forty zeros until there is one. */
export const OWN_REF = LAST_RELEASE.commit

export interface Step {
  readonly id?: string
  readonly name?: string
  readonly if?: string | boolean
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, unknown>>
}

interface Concurrency {
  readonly group: string
  readonly 'cancel-in-progress'?: boolean
  readonly queue?: string
}

export interface Job {
  readonly name?: string
  readonly if?: string
  readonly needs?: string | readonly string[]
  readonly 'runs-on'?: string
  readonly 'timeout-minutes'?: number | string
  readonly environment?: string | { readonly name: string; readonly deployment?: boolean }
  readonly concurrency?: Concurrency
  readonly permissions?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, unknown>>
  readonly outputs?: Readonly<Record<string, string>>
  readonly strategy?: {
    readonly 'fail-fast'?: boolean
    readonly matrix: Readonly<Record<string, unknown>>
  }
  readonly steps?: readonly Step[]
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly secrets?: unknown
}

interface CalledInput {
  readonly description: string
  readonly type: string
  readonly default?: string | number | boolean
  readonly required?: boolean
}

interface Call {
  readonly inputs?: Readonly<Record<string, CalledInput>>
  readonly secrets?: Readonly<
    Record<string, { readonly description: string; readonly required: boolean }>
  >
  readonly outputs?: Readonly<
    Record<string, { readonly description: string; readonly value: string }>
  >
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>> & { readonly workflow_call?: Call }
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: Concurrency
  readonly jobs: Readonly<Record<string, Job>>
}

interface Action {
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly runs: { readonly using: string; readonly steps?: readonly Step[] }
}

/** Reusable workflows are called by other repositories; the others only work for this one. */
export const REUSABLE = [
  'zenml-upgrade',
  'plan-upgrade',
  'upgrade-staging',
  'gate-production',
  'promote-production',
] as const
export const reusablePath = (name: (typeof REUSABLE)[number]): string =>
  `.github/workflows/${name}.yml`
/** What a user copies. */
export const EXAMPLES = [
  'examples/workflow/zenml-upgrade.yml',
  'examples/workflow/zenml-upgrade-composites.yml',
] as const

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
export const workflow = (path: string): Workflow => parse(read(path)) as Workflow
const action = (path: string): Action => parse(read(path)) as Action

/** Paths from the root, sorted. */
export function workflowFiles(): string[] {
  const own = readdirSync(join(ROOT, '.github', 'workflows'))
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => `.github/workflows/${name}`)
  return [...own.sort(), ...EXAMPLES]
}

/** Paths from the root, sorted. */
export function actionFiles(): string[] {
  const folders = ['actions', '.github/actions'].flatMap((parent) =>
    readdirSync(join(ROOT, parent))
      .sort()
      .map((name) => `${parent}/${name}`),
  )
  return ['.', ...folders]
    .map((folder) => join(folder, 'action.yml'))
    .filter((path) => existsSync(join(ROOT, path)))
}

/** Every step of a file, with the name of its job. */
export function stepsOf(path: string): { readonly job: string; readonly step: Step }[] {
  if (path.endsWith('action.yml'))
    return (action(path).runs.steps ?? []).map((step) => ({ job: path, step }))
  return Object.entries(workflow(path).jobs).flatMap(([job, { steps = [] }]) =>
    steps.map((step) => ({ job, step })),
  )
}

/**
 * The `action.yml` of a reference to an action of this repository, as a path from the root;
 * undefined for another's.
 */
export function ownAction(uses: string): string | undefined {
  const [, path] =
    new RegExp(`^(?:\\$|${SLUG}(?=[/@]))(?:/([^@]+))?(?:@${OWN_REF})?$`).exec(uses) ?? []
  return uses.startsWith('$/') || uses.startsWith(`${SLUG}@`) || uses.startsWith(`${SLUG}/`)
    ? join(path ?? '.', 'action.yml')
    : undefined
}

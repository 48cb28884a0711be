import { join } from 'node:path'
import * as z from 'zod'
import { certificateVariables } from '../runner/certificates.ts'
import { defaultCacheDirectory } from '../runner/cache.ts'
import type { Environment } from '../config/environments.ts'
import type { Source } from '../config/schema.ts'
import { appToken } from '../github/app-token.ts'
import { isOnGithub } from '../github/context.ts'
import { sourceDigest, type SourceRevision } from '../record/tested.ts'
import { Stop } from '../report/stop.ts'
import { filesAt } from '../runner/git.ts'
import type { Machine } from '../runner/machine.ts'
import { checkOut, commitOfRef, fetchCommit, GitReadError, type FoundCommit, type Remote } from '../runner/remote-git.ts'
import { scratchFolder } from '../runner/scratch.ts'
import { appOf } from './app.ts'
import { contextOf, type Place } from './place.ts'

/** A source whose code is in another repository. */
export type SourceElsewhere = Source & { readonly repository: string }

export function isElsewhere(source: Source): source is SourceElsewhere {
  return source.repository !== undefined
}

/** Reads the other repositories of the file. Nothing is asked twice. */
export interface Repositories {
  /** What a source is for an environment. @throws Stop `source-unreachable`, `source-missing` */
  revision(source: SourceElsewhere, environment: Environment): Promise<SourceRevision>
  /** Puts that on this machine: the ZenML source root, and its commit. @throws Stop `source-unreachable`, `source-missing` */
  root(source: SourceElsewhere, environment: Environment): Promise<{ readonly directory: string; readonly commit: string }>
}

interface Clone extends FoundCommit {
  readonly remote: Remote
  readonly folder: string
}

interface RepositoriesInputs {
  readonly machine: Machine
  readonly place: Place
  readonly githubToken: string | undefined
  readonly pinned?: Pins
}

/** Commits by name of source, which hold for an environment instead of what its refs point at now. */
export interface Pins {
  readonly environment: Environment | undefined
  readonly commits: Readonly<Record<string, string>>
}

/** Contacts nothing yet. */
export function openRepositories({ machine, place, githubToken, pinned }: RepositoriesInputs): Repositories {
  const once = new Map<string, Promise<unknown>>()
  const remember = <T>(key: string, make: () => Promise<T>): Promise<T> => {
    const known = once.get(key) as Promise<T> | undefined
    if (known !== undefined) return known
    const made = make()
    once.set(key, made)
    return made
  }
  let scratch: string | undefined

  const remoteOf = (repository: string) => remember(`remote ${repository}`, async (): Promise<Remote> => ({
    url: `${(machine.env['GITHUB_SERVER_URL'] ?? '').replace(/\/+$/, '') || 'https://github.com'}/${repository}`,
    token: await tokenFor(repository, machine, githubToken),
    env: await certificateVariables(machine, defaultCacheDirectory(machine)),
    signal: machine.signal
  }))
  const clone = (source: SourceElsewhere, environment: Environment) => {
    const { repository, ref, name } = source
    const pin = pinned?.environment === environment ? pinned.commits[name] : undefined
    const wanted = pin ?? ref?.[environment]
    return remember(`clone ${repository} ${wanted ?? ''}`, async (): Promise<Clone> => {
      const remote = await remoteOf(repository)
      const found = await readable(source, machine, () => commitOfRef(remote, wanted))
      if (found === undefined) throw missing(source, `${repository} has no branch or tag ${wanted ?? 'at all'}`, `Correct \`ref\` of the source ${name}.`)
      scratch ??= scratchFolder('sources')
      const folder = join(scratch, `${once.size}-${name.replaceAll(/[^\w.-]+/g, '_')}`)
      await readable(source, machine, () => fetchCommit(remote, found.commit, folder), pin !== undefined)
      machine.log.info(`source ${name}: ${repository} at ${[found.branch ?? (wanted === found.commit ? undefined : wanted), found.commit.slice(0, 8)].filter(Boolean).join(', ')}`)
      return { ...found, remote, folder }
    })
  }

  return {
    async revision(source, environment) {
      const cloned = await clone(source, environment).catch((error: unknown) => recordedInstead(error, source, place, machine))
      if ('digest' in cloned) return cloned
      const { folder, commit } = cloned
      const files = await remember(`files ${folder}`, () => filesAt(folder, commit))
      const digest = sourceDigest(files, source.path)
      if (digest === undefined) throw missing(source, `${source.repository} has no file below ${source.path} at ${commit.slice(0, 8)}`, `Correct \`path\` of the source ${source.name}.`)
      return { name: source.name, commit, digest }
    },
    async root(source, environment) {
      const { folder, commit, branch, remote } = await clone(source, environment)
      await remember(`checkout ${folder}`, () => readable(source, machine, () => checkOut(remote, { commit, branch }, folder)))
      return { directory: join(folder, source.path), commit }
    }
  }
}

/**
 * A run for a pull request gets no secrets: what staging was tested with stands for a repository that it cannot read. What it tells is what the gate
 * would say; the gate itself reads the repository.
 */
async function recordedInstead(error: unknown, { name, repository }: SourceElsewhere, { store, github }: Place, machine: Machine): Promise<SourceRevision> {
  const event = github?.context.event.kind
  if (!(error instanceof Stop) || error.code !== 'source-unreachable' || (event !== 'pull-request' && event !== 'merge-group')) throw error
  const recorded = (await store.list('staging')).flatMap(({ sources = [] }) => sources).findLast((one) => one.name === name)
  if (recorded === undefined) throw error
  machine.log.warn(`source ${name}: ${repository} cannot be read in a run for a pull request, so it is taken as staging was tested with it (${recorded.commit.slice(0, 8)})`)
  return recorded
}

/** The token of the workflow, else one of the app; this repository is read by the token of the job. Without any, git asks whom the user's configuration names. */
async function tokenFor(repository: string, machine: Machine, githubToken: string | undefined): Promise<string | undefined> {
  const given = machine.env['ZENML_UPGRADE_SOURCES_TOKEN']?.trim() ?? ''
  if (given !== '') return given
  if (!isOnGithub(machine.env)) return undefined
  if (machine.env['GITHUB_REPOSITORY']?.toLowerCase() === repository.toLowerCase()) return githubToken
  const app = appOf(machine)
  if (app === undefined) return undefined
  const [owner = '', name = ''] = repository.split('/')
  const { urls } = await contextOf(machine)
  return (await appToken({ context: { repository: { owner, name }, urls }, app, machine, permissions: { contents: 'read' } }))?.token
}

const PAUSES_SECONDS = [2, 10]

/** Tries what may pass by itself again. */
async function readable<T>(source: SourceElsewhere, machine: Machine, work: () => Promise<T>, byCommit = false): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const pause = PAUSES_SECONDS[tries]
      if (!(error instanceof GitReadError)) throw error
      if (error.kind !== 'passing' || pause === undefined) throw unreachable(source, error, byCommit)
      machine.log.warn(`source ${source.name}: ${source.repository} did not answer (${error.message}); once more in ${pause} s`)
      await machine.sleep(pause)
    }
  }
}

function unreachable({ name, repository }: SourceElsewhere, cause: GitReadError, byCommit: boolean): Stop {
  const next = {
    refused: `Give a token that reads ${repository}: the secret ZENML_UPGRADE_SOURCES_TOKEN, or install the GitHub App there. By hand, let \`git ls-remote\` of it work.`,
    passing: 'Check the network and the proxy from this machine, then run again.',
    other: byCommit ? `Was the commit removed from ${repository}? Then run all jobs again, not the failed ones alone.` : 'Read what git says, then run again.'
  }[cause.kind]
  return new Stop('source-unreachable', `source ${name}: the repository ${repository} could not be read: ${cause.message}`, { next, cause })
}

function missing({ name }: SourceElsewhere, what: string, next: string): Stop {
  return new Stop('source-missing', `source ${name}: ${what}`, { next })
}

const pinsSchema = z.record(z.string(), z.string().regex(/^[0-9a-f]{40}$/))

/** The input `sources`. @throws Stop `invalid-input` */
export function readPins(environment: Environment | undefined, input: string | undefined): Pins {
  if (input === undefined) return { environment, commits: {} }
  const parsed = z.string().transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom' })
      return z.NEVER
    }
  }).pipe(pinsSchema).safeParse(input)
  if (parsed.success) return { environment, commits: parsed.data }
  throw new Stop('invalid-input', `input sources is ${JSON.stringify(input.slice(0, 200))}; it must be JSON such as {"churn":"<40 hexadecimal digits>"}`, { next: 'Give it the output `sources` of an earlier job, or leave it out.', cause: parsed.error })
}

/** The output `sources`; nothing where all code is in this repository. */
export function pinsOf(revisions: readonly SourceRevision[]): string | undefined {
  return revisions.length === 0 ? undefined : JSON.stringify(Object.fromEntries(revisions.map(({ name, commit }) => [name, commit])))
}

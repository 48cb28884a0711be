import { readFile } from 'node:fs/promises'
import { basename, relative, resolve, sep } from 'node:path'
import type { InvalidConfig } from '../../config/problem.ts'
import type { GithubContext } from '../../github/context.ts'
import type { Branches, PullRequestRef } from '../../github/pull-request.ts'
import { KEYS, type Link, type Pages } from '../../report/pages.ts'

interface Place {
  readonly branches: Branches
  readonly context: GithubContext
  readonly pullRequest: PullRequestRef | undefined
  /** Path of the configuration file in the repository, and its text; undefined where that is not there. */
  readonly config: { readonly path: string; readonly text: string | undefined }
  readonly invalid: InvalidConfig | undefined
}

/** Returns where on GitHub the next steps of this run are done. */
export function pagesOf({ context, branches, pullRequest, config, invalid }: Place): Pages {
  const { run } = context
  const repository = repositoryUrl(context)
  const file = `${repository}/blob/${commitOf(context)}/${inUrl(config.path)}`
  const atLine = (line: number | null | undefined) => (line == null ? file : `${file}#L${line}`)
  return {
    rerun: run.url,
    'rerun-all': run.url,
    ...(run.workflow === undefined ? {} : runsOf(repository, basename(run.workflow))),
    file: atLine(invalid?.problems[0]?.line),
    ...Object.fromEntries(KEYS.map((key) => [`file-${key}`, atLine(lineOf(key, config.text))])),
    ...(pullRequest === undefined ? {} : { 'pull-request': pullRequest.url }),
    promotion: isPromotion(pullRequest, branches)
      ? pullRequest.url
      : `${repository}/compare/${inUrl(branches.base)}...${inUrl(branches.head)}`,
    secrets: `${repository}/settings/secrets/actions`,
    settings: `${repository}/settings/actions`,
  }
}

/** Whether it can still be merged, and merging it upgrades production. */
function isPromotion(
  pullRequest: PullRequestRef | undefined,
  { head }: Branches,
): pullRequest is PullRequestRef {
  return pullRequest?.head?.branch === head && pullRequest.merged !== true
}

/** A path or branch in an address: `#` and `?` would end it. */
function inUrl(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** The list of a workflow's runs has the button that opens its form. */
function runsOf(repository: string, file: string): Pages {
  const url = `${repository}/actions/workflows/${file}`
  return { runs: url, form: url }
}

/** Line of a key at the top level of a YAML file, from 1; undefined where it has none. */
function lineOf(key: string, text: string | undefined): number | undefined {
  const index = (text ?? '').split('\n').findIndex((line) => line.startsWith(`${key}:`))
  return index < 0 ? undefined : index + 1
}

/** The commit and the run that the last line of a report names. */
export function footLinks(context: GithubContext): { readonly commit: Link; readonly run: Link } {
  const sha = commitOf(context)
  return {
    commit: { label: `commit ${sha.slice(0, 7)}`, url: `${repositoryUrl(context)}/commit/${sha}` },
    run: { label: `run ${context.run.key}`, url: context.run.url },
  }
}

function commitOf({ event }: GithubContext): string {
  return 'sha' in event ? event.sha : event.head.sha
}

function repositoryUrl({ urls, repository: { owner, name } }: GithubContext): string {
  return `${urls.server}/${owner}/${name}`
}

/**
 * Reads the configuration file for links to it. Its path is relative to the root of the repository;
 * the text is undefined where it cannot be read: a link needs no line.
 */
export async function configOf(
  { config, 'working-directory': directory }: { config: string; 'working-directory': string },
  { GITHUB_WORKSPACE: root = '.' }: Readonly<Record<string, string | undefined>>,
): Promise<Place['config']> {
  const file = resolve(directory, config)
  const path = relative(resolve(root), file)
  return {
    path: path.startsWith('..') ? config : path.split(sep).join('/'),
    text: await readFile(file, 'utf8').catch(() => undefined),
  }
}

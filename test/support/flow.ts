// One run of the users' workflow file with a stub in place of the bundle: what was called, with
// what, and how the jobs ended.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeRepository, runAct, type ActOptions, type ActRun, type Suite } from './act.ts'
import { EXAMPLES, read } from './workflow-files.ts'

export const STUB = join(import.meta.dirname, '..', 'workflow', 'stub.cjs')

/** Every secret there is, so that a test sees who gets which. */
export const SECRETS = {
  GITHUB_TOKEN: 'ghs_not-a-real-token',
  ZENML_STAGING_API_KEY: 'ZENKEY_not-a-real-key-of-staging',
  ZENML_PRODUCTION_API_KEY: 'ZENKEY_not-a-real-key-of-production',
  ZENML_STAGING_DATABASE_URL: 'mysql://user:not-a-real-password@staging/zenml',
  ZENML_PRODUCTION_DATABASE_URL: 'mysql://user:not-a-real-password@production/zenml',
  ZENML_STAGING_ENV:
    '# for the cloud\nFROM_STAGING_ENV="a value of the lines"\n\nexport FROM_EXPORT=\'another-value\'',
  ZENML_PRODUCTION_ENV: 'FROM_PRODUCTION_ENV=value-of-production',
  ZENML_STAGING_SOURCES_ENV: 'FROM_STAGING_SOURCES=value-of-staging-sources',
  ZENML_PRODUCTION_SOURCES_ENV: 'FROM_PRODUCTION_SOURCES=value-of-production-sources',
  ZENML_UPGRADE_APP_KEY: 'not-a-real-private-key',
  ZENML_UPGRADE_SOURCES_TOKEN: 'ghs_not-a-real-other-token',
}

interface Call {
  readonly job: string
  readonly command: string
  readonly inputs: Readonly<Record<string, string>>
  /** Names of variables that are secrets or come from one. */
  readonly seen: readonly string[]
  /** Results in the report directory before. */
  readonly found: readonly string[]
  /** What the workflows say they are: a version of own copies, or `called`. */
  readonly workflows?: string
}

/**
 * How the stub ends, by `environment/command[-step][-shard]`, with `job: ` before it, or less of
 * it.
 */
type Scenario = Readonly<
  Record<
    string,
    { readonly exitCode?: number; readonly outputs?: Readonly<Record<string, string>> }
  >
>

export interface Flow {
  readonly run: ActRun
  /** Every call but those that check out other repositories. */
  readonly calls: readonly Call[]
  readonly checkOuts: readonly Call[]
  /** Such as `upgrade: upgrade-workspace`, in the order they were called. */
  readonly order: readonly string[]
  readonly call: (job: string) => Call
}

/** What a report was told became of each job. */
export function jobsIn({ inputs }: Call): Readonly<Record<string, string>> {
  const needs = JSON.parse(inputs['jobs'] ?? '{}') as Record<string, { readonly result: string }>
  return Object.fromEntries(Object.entries(needs).map(([id, { result }]) => [id, result]))
}

export interface FlowOptions {
  readonly branch: string
  readonly scenario?: Scenario
  /** Besides the users' workflow file and the configuration. */
  readonly files?: Readonly<Record<string, string>>
  /** Text of the users' workflow file. */
  readonly workflow?: string
  readonly event?: ActOptions['event']
  readonly payload?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly attempt?: number
  /**
   * Artifacts that an earlier attempt of the run left: name, file, content; `lost` is one that is
   * listed and cannot be downloaded.
   */
  readonly artifacts?: Readonly<Record<string, Readonly<Record<string, string>> | 'lost'>>
}

export async function runFlow(
  suite: Suite,
  {
    branch,
    scenario = {},
    files = {},
    workflow = read(EXAMPLES[0]),
    event = 'push',
    payload,
    secrets = SECRETS,
    attempt,
    artifacts = {},
  }: FlowOptions,
): Promise<Flow> {
  const directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-flow-'))
  try {
    const [repository, kept, path] = [
      join(directory, 'repository'),
      join(directory, 'artifacts'),
      '.github/workflows/zenml-upgrade.yml',
    ]
    await mkdir(repository)
    await makeRepository(repository, branch, {
      [path]: workflow,
      'zenml-upgrade.yml': 'zenml: 0.98.0\n',
      ...files,
    })
    await mkdir(kept)
    for (const [name, contents] of Object.entries(artifacts)) {
      if (contents === 'lost') {
        await writeFile(join(kept, name), '')
        continue
      }
      for (const [file, text] of Object.entries(contents)) {
        await mkdir(dirname(join(kept, name, file)), { recursive: true })
        await writeFile(join(kept, name, file), text)
      }
    }
    await writeFile(join(directory, 'scenario.json'), JSON.stringify(scenario))
    const run = await runAct({
      suite,
      repository,
      workflow: path,
      event,
      payload: payload ?? { ref: `refs/heads/${branch}`, deleted: false },
      secrets,
      artifacts: kept,
      env: { STUB_DIRECTORY: directory },
      ...(attempt === undefined ? {} : { attempt }),
    })
    const text = await readFile(join(directory, 'calls'), 'utf8').catch(() => '')
    const all = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Call)
    const isCheckOut = ({ command }: Call) => command === 'check-out-sources'
    const calls = all.filter((call) => !isCheckOut(call))
    return {
      run,
      calls,
      checkOuts: all.filter(isCheckOut),
      order: calls.map(({ job, command }) => `${job}: ${command}`),
      call: (job) => {
        const found = calls.find((candidate) => candidate.job === job)
        if (found === undefined) throw new Error(`job ${job} called nothing:\n${run.log}`)
        return found
      },
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

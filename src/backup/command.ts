import { rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import { sha256File } from '../runtime/files.ts'
import { remarksOn, run, tail } from '../runtime/process.ts'
import { variablesFor } from '../runtime/secret-variables.ts'
import { scriptProblem } from '../runtime/shell-script.ts'
import { BackupDamaged } from './backup-damaged.ts'
import type { BackupContext, BackupFacts, BackupTool, Restored } from './types.ts'
import { describe, destinationChecks, newFolder } from './destination.ts'
import { readManifest, writeManifest } from './manifest.ts'
import { RestoreFailed, type DatabaseState } from './restore-failed.ts'
import { unstoppable } from './without-abort.ts'

export interface CommandOptions {
  readonly backup: string
  readonly check?: string | undefined
  readonly restore?: string | undefined
  /**
   * Folder of all backups. Left out, the commands keep the data themselves, and `check` proves it.
   */
  readonly to?: string | undefined
}

const FILE = 'backup'
const TIMEOUT_SECONDS = 6 * 3600

/**
 * Backup by the user's own shell commands. They get `BACKUP_ID`, `BACKUP_VERSION` and, with `to`,
 * the path `BACKUP_FILE`.
 */
export function commandBackup(options: CommandOptions, context: BackupContext): BackupTool {
  const to = options.to === undefined ? undefined : resolve(context.workingDirectory, options.to)
  const job: CommandJob = { options, to, context }
  return {
    kind: 'command',
    canRestore: options.restore !== undefined,
    preflight: () => preflight(job),
    make: (id, facts) => make(job, id, facts),
    find: async (id) => {
      if (to === undefined)
        throw new Stop(
          'backup-failed',
          `The backup ${id} has no manifest: \`backup.command\` has no \`to\`.`,
          { next: 'Set `to` to a folder, so that backups can be found again.' },
        )
      const manifest = await readManifest(join(to, id), id)
      return { manifest, report: manifest.report }
    },
    verifyStillThere: (report) => verifyStillThere(job, report),
    restore: (report) => restore(job, report),
  }
}

interface CommandJob {
  readonly options: CommandOptions
  readonly to: string | undefined
  readonly context: BackupContext
}

async function preflight({ options, to, context }: CommandJob): Promise<Check[]> {
  const checks = to === undefined ? [] : await destinationChecks(to, context)
  const shell = await run({
    argv: ['bash', '-c', 'exit 0'],
    env: context.machine.env,
    timeoutSeconds: 30,
  })
  checks.push(
    shell.exitCode === 0
      ? { name: 'backup tools', status: 'passed', message: 'bash runs' }
      : {
          name: 'backup tools',
          status: 'failed',
          message: 'bash does not run on this machine',
          next: 'Install bash.',
        },
  )
  for (const what of ['backup', 'check', 'restore'] as const) {
    const problem = await scriptProblem(
      options[what] ?? '',
      context.workingDirectory,
      context.machine.env['PATH'],
    )
    if (problem !== undefined)
      checks.push({ name: `backup.command.${what}`, status: 'failed', ...problem })
  }
  if (to === undefined && options.check === undefined) {
    checks.push({
      name: 'backup verification',
      status: 'failed',
      message: 'there is neither `check` nor `to`: nothing would prove that the backup exists',
      next: 'Add a `check` command, or `to` with a folder where the backup command leaves BACKUP_FILE.',
    })
  }
  if (options.restore === undefined) {
    checks.push({
      name: 'way back',
      status: 'warning',
      message:
        '`backup.command` has no `restore`: after a schema migration there is no way back by this tool',
      next: 'Add a `restore` command.',
    })
  }
  return checks
}

async function make(job: CommandJob, id: string, facts: BackupFacts): Promise<BackupReport> {
  const folder = job.to === undefined ? undefined : await newFolder(job.to, id)
  try {
    return await makeIn(job, folder, id, facts)
  } catch (error) {
    // What has no manifest is not a backup, and must not look like one.
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function makeIn(
  job: CommandJob,
  folder: string | undefined,
  id: string,
  facts: BackupFacts,
): Promise<BackupReport> {
  const {
    options,
    context: { machine },
  } = job
  const started = machine.monotonic()
  await shell(job, 'backup', options.backup, id, facts.version)
  if (options.check !== undefined) await shell(job, 'check', options.check, id, facts.version)
  const file = folder === undefined ? undefined : join(folder, FILE)
  const bytes =
    file === undefined
      ? undefined
      : await stat(file).then(
          (found) => found.size,
          () => undefined,
        )
  if (options.check === undefined && (bytes === undefined || bytes === 0)) {
    throw new Stop(
      'backup-failed',
      `The backup command ended well, but ${file ?? 'BACKUP_FILE'} is ${bytes === 0 ? 'empty' : 'not there'}.`,
      {
        next: 'Let it write to BACKUP_FILE, or add a `check` command that proves the backup elsewhere.',
      },
    )
  }
  const report: BackupReport = {
    id,
    kind: 'command',
    location: bytes === undefined ? 'where the backup command put it' : (file ?? ''),
    bytes: bytes ?? null,
    sha256: bytes === undefined || file === undefined ? null : await sha256File(file),
    verified: 'command',
    completed: machine.now().toISOString(),
    seconds: machine.monotonic() - started,
  }
  if (folder !== undefined) {
    await writeManifest(folder, {
      'schema-version': 1,
      report,
      file: bytes === undefined ? null : FILE,
      'server-id': facts.serverId,
      version: facts.version,
      revision: facts.revision,
      counts: facts.counts,
      tables: null,
      newest: null,
    })
  }
  return report
}

async function verifyStillThere(job: CommandJob, report: BackupReport): Promise<void> {
  const { options } = job
  if (report.sha256 !== null) await verifyFile(job, report)
  if (options.check !== undefined)
    await shell(job, 'check', options.check, report.id, versionIn(report.id))
  else if (report.sha256 === null)
    throw new Stop(
      'backup-failed',
      `Nothing can prove that the backup ${report.id} is still there.`,
      { next: 'Add a `check` command.' },
    )
}

async function verifyFile({ to }: CommandJob, { id, sha256, location }: BackupReport) {
  if (to === undefined)
    throw new Stop(
      'backup-failed',
      `The backup ${id} is at ${location}, but \`backup.command\` has no \`to\` any more.`,
      { next: 'Set `to` to the directory of the backups again, then run this again.' },
    )
  // Without a manifest, the volume is not mounted or the directory is another one.
  await readManifest(join(to, id), id)
  const found = await sha256File(join(to, id, FILE)).catch(() => undefined)
  if (found !== sha256) throw new BackupDamaged(`The backup ${id} is gone or damaged: ${location}.`)
}

async function restore(job: CommandJob, report: BackupReport): Promise<Restored> {
  const { options, context } = job
  if (options.restore === undefined)
    throw new RestoreFailed(
      `The backup ${report.id} could not be restored: the file has no \`backup.command.restore\`.`,
      'untouched',
      { location: report.location, cause: undefined },
    )
  const finishing = { ...job, context: { ...context, machine: unstoppable(context.machine) } }
  let state: DatabaseState = 'untouched'
  try {
    await verifyStillThere(finishing, report)
    state = 'unknown'
    await shell(finishing, 'restore', options.restore, report.id, versionIn(report.id))
  } catch (cause) {
    throw new RestoreFailed(
      `The backup ${report.id} could not be restored: ${describe(cause)}`,
      state,
      { cause, location: report.location },
    )
  }
  return { replacedAt: null, revision: null, leftOut: [], leftOutFile: null }
}

async function shell(
  job: CommandJob,
  what: string,
  command: string,
  id: string,
  version: string,
): Promise<void> {
  const { machine, workingDirectory } = job.context
  const file = fileOf(job, id)
  const result = await machine.log.progress(`backup.command.${what}`, () =>
    run({
      argv: ['bash', '-c', command],
      env: {
        ...variablesFor('commands', machine.env),
        BACKUP_ID: id,
        BACKUP_VERSION: version,
        ...(file === undefined ? {} : { BACKUP_FILE: file }),
      },
      cwd: workingDirectory,
      timeoutSeconds: TIMEOUT_SECONDS,
      signal: machine.signal,
      onLine: (line) => {
        machine.log.info(line)
      },
    }),
  )
  for (const remark of remarksOn(`backup.command.${what}`, result)) machine.log.warn(remark)
  machine.signal.throwIfAborted()
  if (result.exitCode === 0) return
  const how =
    result.startError !== undefined
      ? `cannot be started: ${result.startError.message}`
      : result.timedOut
        ? `did not end in ${TIMEOUT_SECONDS / 3600} hours`
        : `ended with exit code ${String(result.exitCode)}`
  const cause = new Error(tail(`${result.stdout}${result.stderr}`, 5).join('\n'), {
    cause: result.startError,
  })
  throw new Stop('backup-failed', `The command \`backup.command.${what}\` ${how}.`, {
    cause,
    next: 'Its output is in the log.',
  })
}

function fileOf({ to }: CommandJob, id: string): string | undefined {
  return to === undefined ? undefined : join(to, id, FILE)
}

/** Reads the version out of a backup's id: its end. */
export function versionIn(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1)
}

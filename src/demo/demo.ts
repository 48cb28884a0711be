import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { prepareClient, type ClientEnvironment } from '../zenml-client/environment.ts'
import { startForkServer } from '../zenml-client/fork-server.ts'
import { localPython } from '../zenml-client/local-python.ts'
import { findUv, type Uv } from '../zenml-client/uv.ts'
import { defaultCacheDirectory } from '../runtime/cache.ts'
import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import { once } from '../core/once.ts'
import { configFile } from './files.ts'
import { FLOW, runStep, type FlowPlace } from './flow.ts'
import { startDemoGithub, type DemoGithub } from './github.ts'
import { keepKey, keptLines } from './kept.ts'
import { bumpVersion, makeRepository } from './make-repository.ts'
import { releasesOf, type Releases } from './releases.ts'
import { seed } from './seed.ts'
import {
  driverOf,
  freePort,
  startDemoServer,
  type DemoServer,
  type ServerPlace,
} from './servers.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { CommandContext, Conclusion } from '../commands/command.ts'
import { FORK_SERVER } from '../session/client.ts'

/** What the demo works on, in a temporary directory. */
interface DemoPlace {
  readonly machine: Machine
  readonly uv: () => Promise<Uv>
  readonly bundle: string
  readonly directory: string
  readonly repository: string
  readonly servers: Readonly<Record<Environment, ServerPlace>>
  readonly keep: boolean
  /** Servers that were started and filled so far. */
  readonly running: DemoServer[]
}

/** Upgrades two real servers on this machine the way the guide says. */
export async function demo({
  inputs,
  machine,
}: CommandContext<'demo'>): Promise<Conclusion<'demo'>> {
  const started = machine.now().getTime()
  const releases = releasesOf(inputs)
  const place = await makePlace(machine, inputs.keep === 'true')
  announce(place, releases)
  try {
    const { comment, html } = await upgradeBoth(
      place,
      releases,
      resolve(inputs['report-directory']),
    )
    const minutes = ((machine.now().getTime() - started) / 60_000).toFixed(1)
    return {
      reasonCode: 'demo-finished',
      summary: `staging and production went from ZenML ${releases.from} to ${releases.to} in ${minutes} minutes; the report is ${html}, the comment on the pull request ${comment}`,
      next: place.keep
        ? keptLines(place.directory, place.running, place.bundle).join('\n')
        : `Open ${html}; then run init in the repository with your pipelines.`,
      details: { directory: place.directory, comment, html },
    }
  } catch (error) {
    if (place.keep)
      for (const line of keptLines(place.directory, place.running, place.bundle))
        machine.log.info(line)
    if (machine.signal.aborted) throw stopped(place, error)
    throw error
  } finally {
    if (!place.keep) await cleanUp(place)
  }
}

async function makePlace(machine: Machine, keep: boolean): Promise<DemoPlace> {
  const directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-demo-'))
  const server = async (environment: Environment): Promise<ServerPlace> => ({
    environment,
    directory: join(directory, environment),
    port: await freePort(),
  })
  return {
    machine,
    uv: once(() => findUv(machine, defaultCacheDirectory(machine))),
    bundle: resolve(process.argv[1] ?? ''),
    directory,
    repository: join(directory, 'repository'),
    servers: { staging: await server('staging'), production: await server('production') },
    keep,
    running: [],
  }
}

function announce({ machine: { log }, directory, keep }: DemoPlace, { from, to }: Releases): void {
  log.info(
    `Two ZenML servers go from ${from} to ${to} in ${directory}; this takes four to six minutes.`,
  )
  log.info(
    keep
      ? 'The folder and both servers stay when it ends.'
      : 'The folder is removed when it ends; --keep leaves it and both servers.',
  )
}

interface Kept {
  /** Paths of what outlives the demo. */
  readonly comment: string
  readonly html: string
}

/** Prepares two servers and runs both flows on them. Returns where the report is. */
async function upgradeBoth(
  place: DemoPlace,
  { from, to }: Releases,
  target: string,
): Promise<Kept> {
  const { machine, bundle, directory, repository, keep, running } = place
  const servers = await machine.log.chapter(
    `Start two servers of ZenML ${from} and fill them`,
    () => prepare(place, from),
  )
  running.push(servers.staging, servers.production)
  if (keep) await Promise.all(running.map(keepKey))
  const github = await startDemoGithub(repository, directory)
  try {
    github.push('main')
    await bumpVersion(repository, to)
    github.push('staging')
    machine.log.info(
      "A GitHub of the demo's own keeps the record, the pull request and its comment; nothing leaves this machine.",
    )
    const reportDirectory = join(directory, 'report')
    await flow({ machine, bundle, repository, reportDirectory, github, servers })
    return await saveReport(github, join(reportDirectory, github.branch()), target)
  } finally {
    await github.close()
  }
}

function stopped({ keep }: DemoPlace, cause: unknown): Stop {
  return new Stop('cancelled', 'the demo was stopped', {
    next: keep
      ? 'What stays is listed above.'
      : 'Its servers were stopped and its folder is removed; run it again to start afresh.',
    cause,
  })
}

/** Makes the repository, and two servers of a release that hold what was made with its client. */
async function prepare(
  place: DemoPlace,
  release: string,
): Promise<Readonly<Record<Environment, DemoServer>>> {
  const { machine, directory, repository, servers, uv } = place
  const backups = join(directory, 'backups')
  await makeRepository(repository, configFile(release, { ...servers, backups }))
  const client = await oldClient(place, release)
  const staging = await startDemoServer(machine, servers.staging, release, uv)
  const production = await startDemoServer(machine, servers.production, release, uv)
  await fill(place, client, [staging, production])
  return { staging, production }
}

async function oldClient({ machine, uv }: DemoPlace, release: string): Promise<ClientEnvironment> {
  const python = await localPython(machine, release)
  return prepareClient({
    machine,
    uv: await uv(),
    zenmlVersion: release,
    python,
    requirements: [],
    integrations: [],
    extras: [],
    indexEnv: [],
    cacheDirectory: defaultCacheDirectory(machine),
  })
}

/** Runs a pipeline and makes snapshots on each server. */
async function fill(
  { machine, directory, repository }: DemoPlace,
  environment: ClientEnvironment,
  servers: readonly DemoServer[],
): Promise<void> {
  const client = await startForkServer({
    machine,
    environment,
    forkServerPath: FORK_SERVER,
    parallel: 2,
  })
  try {
    for (const server of servers)
      await seed({ machine, client, repository, logs: join(directory, 'logs') }, server)
  } finally {
    await client.close()
  }
}

async function flow(place: FlowPlace): Promise<void> {
  const {
    machine: { log },
    github,
  } = place
  for (const [index, step] of FLOW.entries()) {
    log.info('')
    log.info(`━━ ${index + 1} of ${FLOW.length} · ${step.title}`)
    if (step.kind === 'merge') {
      await github.merge()
      continue
    }
    const exitCode = await runStep(place, step)
    if (exitCode !== 0)
      throw new Stop(
        'upgrade-failed',
        `the demo stopped at "${step.title}": ${step.command} exited with ${exitCode ?? 'a signal'}`,
        { next: 'Its own lines above say why.' },
      )
  }
}

/** Keeps the page of the last report, and the comment as it is on the pull request. */
async function saveReport(github: DemoGithub, directory: string, target: string): Promise<Kept> {
  const comment = github.comment()
  if (comment === undefined) throw new Error('the report wrote no comment')
  await mkdir(target, { recursive: true })
  const kept = { comment: join(target, 'demo.md'), html: join(target, 'demo.html') }
  await writeFile(kept.comment, comment.body)
  await copyFile(join(directory, 'report.html'), kept.html)
  return kept
}

/** Stops the servers that were started and removes the directory, also after Ctrl-C. */
async function cleanUp({ machine, directory, servers, uv }: DemoPlace): Promise<void> {
  const calm: Machine = {
    ...machine,
    signal: new AbortController().signal,
    sleep: (seconds) =>
      new Promise((resolve) => {
        setTimeout(resolve, seconds * 1000)
      }),
  }
  for (const environment of ENVIRONMENTS)
    await driverOf(calm, servers[environment], uv).stop?.({ fromVersion: '', toVersion: '' })
  await rm(directory, { recursive: true, force: true })
}

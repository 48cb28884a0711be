import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { prepareClient } from '../zenml-client/environment.ts'
import { startForkServer } from '../zenml-client/fork-server.ts'
import { localPython } from '../zenml-client/local-python.ts'
import { findUv, type Uv } from '../zenml-client/uv.ts'
import { defaultCacheDirectory } from '../runtime/cache.ts'
import { ENVIRONMENTS } from '../core/environments.ts'
import { configFile, repositoryFiles } from './files.ts'
import { FLOW, runStep, type FlowPlace } from './flow.ts'
import { startDemoGithub, type DemoGithub } from './github.ts'
import { keepKey, keptLines } from './kept.ts'
import { seed } from './seed.ts'
import {
  driverOf,
  freePort,
  startDemoServer,
  type DemoServer,
  type ServerPlace,
} from './servers.ts'
import { Stop } from '../core/stop.ts'
import { isOlder, normalise } from '../core/versions.ts'
import { git } from '../git/git.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { CommandContext, Conclusion } from '../commands/command.ts'
import { FORK_SERVER } from '../session/client.ts'

/**
 * Two real servers on this machine, upgraded the way the guide says. Everything lies in a temporary
 * folder.
 */
export async function demo({
  inputs,
  machine,
}: CommandContext<'demo'>): Promise<Conclusion<'demo'>> {
  const started = machine.now().getTime()
  const versions = { from: normalise(inputs['from-version']), to: normalise(inputs['to-version']) }
  if (
    versions.from === undefined ||
    versions.to === undefined ||
    !isOlder(versions.from, versions.to)
  ) {
    throw new Stop(
      'invalid-input',
      `from-version ${inputs['from-version']} is not a release before to-version ${inputs['to-version']}`,
      { next: 'Choose two releases of ZenML, the older one as --from-version.' },
    )
  }
  const directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-demo-'))
  const keep = inputs.keep === 'true'
  const places: ServerPlace[] = []
  for (const environment of ENVIRONMENTS)
    places.push({ environment, directory: join(directory, environment), port: await freePort() })
  const bundle = resolve(process.argv[1] ?? '')
  let running: readonly DemoServer[] = []
  let github: DemoGithub | undefined
  let uv: Promise<Uv> | undefined
  const theUv = () => (uv ??= findUv(machine, defaultCacheDirectory(machine)))
  const { log } = machine
  log.info(
    `Two ZenML servers go from ${inputs['from-version']} to ${inputs['to-version']} in ${directory}; this takes four to six minutes.`,
  )
  log.info(
    keep
      ? 'The folder and both servers stay when it ends.'
      : 'The folder is removed when it ends; --keep leaves it and both servers.',
  )
  try {
    const repository = join(directory, 'repository')
    const servers = await log.chapter(
      `Start two servers of ZenML ${inputs['from-version']} and fill them`,
      () => prepare({ machine, directory, repository, places, versions: inputs, uv: theUv }),
    )
    running = [servers.staging, servers.production]
    if (keep) await Promise.all(running.map(keepKey))
    github = await startDemoGithub(repository, directory)
    github.push('main')
    await bump(repository, versions.to)
    github.push('staging')
    log.info(
      "A GitHub of the demo's own keeps the record, the pull request and its comment; nothing leaves this machine.",
    )
    await flow({
      machine,
      bundle,
      repository,
      reportDirectory: join(directory, 'report'),
      github,
      servers,
    })
    const comment = await keepComment(github, resolve(inputs['report-directory']))
    const minutes = ((machine.now().getTime() - started) / 60_000).toFixed(1)
    return {
      reasonCode: 'demo-finished',
      summary: `staging and production went from ZenML ${inputs['from-version']} to ${inputs['to-version']} in ${minutes} minutes; the comment on the pull request is ${comment}`,
      next: keep
        ? keptLines(directory, running, bundle).join('\n')
        : `Read ${comment}; then run init in the repository with your pipelines.`,
      details: { directory, comment },
    }
  } catch (error) {
    if (keep) for (const line of keptLines(directory, running, bundle)) log.info(line)
    if (!machine.signal.aborted) throw error
    throw new Stop('cancelled', 'the demo was stopped', {
      next: keep
        ? 'What stays is listed above.'
        : 'Its servers were stopped and its folder is removed; run it again to start afresh.',
      cause: error,
    })
  } finally {
    await github?.close()
    if (!keep) await cleanUp(machine, directory, places, theUv)
  }
}

interface Preparation {
  readonly machine: Machine
  readonly directory: string
  readonly repository: string
  readonly places: readonly ServerPlace[]
  readonly versions: { readonly 'from-version': string; readonly 'to-version': string }
  readonly uv: () => Promise<Uv>
}

async function prepare({
  machine,
  directory,
  repository,
  places,
  versions,
  uv,
}: Preparation): Promise<{ staging: DemoServer; production: DemoServer }> {
  const [stagingPlace, productionPlace] = places
  if (stagingPlace === undefined || productionPlace === undefined)
    throw new Error('there are two environments')
  await writeRepository(
    repository,
    configFile(versions['from-version'], {
      staging: stagingPlace,
      production: productionPlace,
      backups: join(directory, 'backups'),
    }),
  )
  const old = versions['from-version']
  const python = await localPython(machine, old)
  const environment = await prepareClient({
    machine,
    uv: await uv(),
    zenmlVersion: old,
    python,
    requirements: [],
    integrations: [],
    extras: [],
    indexEnv: [],
    cacheDirectory: defaultCacheDirectory(machine),
  })
  const staging = await startDemoServer(machine, stagingPlace, old, uv)
  const production = await startDemoServer(machine, productionPlace, old, uv)
  const client = await startForkServer({
    machine,
    environment,
    forkServerPath: FORK_SERVER,
    parallel: 2,
  })
  try {
    for (const server of [staging, production])
      await seed({ machine, client, repository, logs: join(directory, 'logs') }, server)
  } finally {
    await client.close()
  }
  return { staging, production }
}

async function writeRepository(repository: string, config: string): Promise<void> {
  for (const [path, content] of Object.entries(repositoryFiles(config))) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), content)
  }
  await git(repository, ['init', '--quiet', '--initial-branch=main'])
  await commit(repository, 'Pipelines, smoke suite and the version that is deployed')
}

/** What a person, or Renovate, does: the new version on the branch that deploys to staging. */
async function bump(repository: string, version: string): Promise<void> {
  await git(repository, ['switch', '--quiet', '--create', 'staging'])
  const path = join(repository, 'zenml-upgrade.yml')
  await writeFile(path, (await readFile(path, 'utf8')).replace(/^zenml: .*$/m, `zenml: ${version}`))
  await commit(repository, `ZenML ${version}`)
}

async function commit(repository: string, message: string): Promise<void> {
  await git(repository, ['add', '.'])
  await git(repository, [
    '-c',
    'user.name=you',
    '-c',
    'user.email=you@localhost',
    'commit',
    '--quiet',
    '--no-gpg-sign',
    '--message',
    message,
  ])
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

/** The comment as it stands on the pull request, as a file that stays. */
async function keepComment(github: DemoGithub, target: string): Promise<string> {
  const comment = github.comment()
  if (comment === undefined) throw new Error('the report wrote no comment')
  await mkdir(target, { recursive: true })
  const path = join(target, 'demo.md')
  await writeFile(path, comment.body)
  return path
}

/** Also after Ctrl-C: what was started is stopped, and the folder is removed. */
async function cleanUp(
  machine: Machine,
  directory: string,
  places: readonly ServerPlace[],
  uv: () => Promise<Uv>,
): Promise<void> {
  const calm: Machine = {
    ...machine,
    signal: new AbortController().signal,
    sleep: (seconds) =>
      new Promise((resolve) => {
        setTimeout(resolve, seconds * 1000)
      }),
  }
  for (const place of places)
    await driverOf(calm, place, uv).stop?.({ fromVersion: '', toVersion: '' })
  await rm(directory, { recursive: true, force: true })
}

import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt } from '../../src/state/attempt.ts'
import { createDriver } from '../../src/deploy/create-driver.ts'
import { startBundle, type BundleRun, type Running } from './bundle.ts'
import { NEW, OLD, serverEnvironment, uv } from './environments.ts'
import { realMachine } from './real-machine.ts'
import { PIPELINES, seededOldServer } from './seed.ts'
import {
  freePort,
  makeApiKey,
  rest,
  serverVariables,
  workloadVariables,
  type Rest,
} from './zenml.ts'

/** What outlives a machine: the server with its database, the backups and the state directory. */
export interface UpgradePlace {
  readonly root: string
  readonly url: string
  readonly apiKey: string
  readonly directory: string
  readonly backups: string
  /** Runs a command of the bundle in a fresh clone of the workspace, which is removed after. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<BundleRun>
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Running>
  /** Replaces a text in the configuration file and commits it. */
  edit(from: string | RegExp, to: string): Promise<void>
  /** Replaces a file of the repository and commits it; `undo` takes the last commit back. */
  write(path: string, content: string): Promise<void>
  undo(): Promise<void>
  attempts(): Promise<Attempt[]>
  info(): Promise<{ id: string; version: string } | undefined>
  /** Totals that must survive. */
  counts(): Promise<Record<string, number>>
  readonly admin: Rest
  /**
   * `start <version>`, `migrate <version>` and `stop`, as a user's deploy script would have them.
   */
  control(...args: string[]): void
  /**
   * An address that writes a row of users' data to the server when it is asked, for commands of a
   * deployment.
   */
  writeOnce(): Promise<{ readonly url: string; close(): Promise<void> }>
  close(): Promise<void>
}

export interface PlaceOptions {
  /**
   * `local`: our driver, which has started the old server too; otherwise the commands of a
   * `command` driver, in which `$CONTROL` is the script above.
   */
  readonly deploy:
    'local' | { readonly deploy: string; readonly rollback?: string; readonly stop?: string }
  /** Version of the old server; default: that of the seeded data. Another one begins empty. */
  readonly from?: string
  /**
   * Default: the seeded SQLite file. A `mysql://` URL: an empty database, filled by the old server.
   */
  readonly databaseUrl?: string
  /** Fills the database that the old server has made; returns a key that is in the data. */
  readonly fill?: () => Promise<string>
  readonly backup?: string
  /** Environment of every run of the bundle, such as where the database clients are. */
  readonly env?: Readonly<Record<string, string>>
  /** More lines of the configuration file. */
  readonly more?: string
  readonly workloads?: boolean
  /**
   * Versions that our driver has installed already, as after an earlier upgrade. Default: the old
   * one.
   */
  readonly installed?: readonly string[]
}

/**
 * An old server that runs, a repository with pipelines and a configuration file, and a state
 * directory.
 */
export async function upgradePlace(options: PlaceOptions): Promise<UpgradePlace> {
  const root = await mkdtemp(join(tmpdir(), 'upgrade-place-'))
  const [directory, backups, state, origin] = ['server', 'backups', 'state', 'origin'].map((name) =>
    join(root, name),
  ) as [string, string, string, string]
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await mkdir(directory)
  await mkdir(backups)
  const isSeeded = options.databaseUrl === undefined && options.from === undefined
  let apiKey = isSeeded ? (await seededOldServer(directory)).apiKey : ''
  const control = await writeControl({ directory, url, port, options })
  if (options.deploy === 'local') await startByDriver({ root, directory, url, port, options })
  else control('start', OLD)
  if (options.fill !== undefined) {
    apiKey = await options.fill()
    control('stop')
    control('start', OLD)
  }
  if (apiKey === '') apiKey = await makeApiKey(rest(url, 'admin'))
  await writeOrigin(origin, { url, directory, port, backups, options })

  const clone = async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'workspace-'))
    execFileSync('git', ['clone', '--quiet', origin, workspace])
    return workspace
  }
  const start = async (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Running> => {
    const workspace = await clone()
    const running = await startBundle(
      [...args, '--environment', 'staging', '--state-directory', state],
      {
        cwd: workspace,
        env: {
          ZENML_STORE_API_KEY: apiKey,
          CONTROL: join(directory, 'control.sh'),
          ...(options.databaseUrl === undefined ? {} : { ZENML_DATABASE_URL: options.databaseUrl }),
          ...options.env,
          ...env,
        },
      },
    )
    return {
      process: running.process,
      ended: running.ended.finally(() => rm(workspace, { recursive: true, force: true })),
    }
  }
  const admin = rest(url, 'admin')
  const info = async () => {
    const reply = await fetch(`${url}/api/v1/info`).catch(() => undefined)
    return reply?.ok === true
      ? ((await reply.json()) as { id: string; version: string })
      : undefined
  }
  return {
    root,
    url,
    apiKey,
    directory,
    backups,
    start,
    info,
    control,
    run: async (args, env) => (await start(args, env)).ended,
    edit: async (from, to) => {
      const path = join(origin, 'zenml-upgrade.yml')
      await writeFile(path, (await readFile(path, 'utf8')).replace(from, to))
      commit(origin)
    },
    write: async (path, content) => {
      await writeFile(join(origin, path), content)
      commit(origin)
    },
    undo: () => {
      execFileSync('git', ['-C', origin, 'reset', '--quiet', '--hard', 'HEAD~1'])
      return Promise.resolve()
    },
    attempts: async () => {
      const folder = join(state, 'attempts', 'staging')
      const names = (await readdir(folder).catch(() => []))
        .filter((name) => name.endsWith('.json'))
        .sort()
      return Promise.all(
        names.map(
          async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Attempt,
        ),
      )
    },
    admin,
    counts: async () => {
      const counts: Record<string, number> = {}
      for (const kind of [
        'pipelines',
        'runs',
        'artifacts',
        'artifact_versions',
        'pipeline_snapshots',
        'stacks',
        'schedules',
      ]) {
        counts[kind] = (await admin.get(`/${kind}`, { project: 'default', size: '1' })).total
      }
      return counts
    },
    writeOnce: async () => {
      const server = createServer((_request, response) => {
        void admin.post('/projects', { name: `written-${String(Date.now())}` }).then(
          () => response.end('written'),
          () => {
            response.statusCode = 500
            response.end()
          },
        )
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: async () => {
          server.close()
          await once(server, 'close')
        },
      }
    },
    close: async () => {
      control('stop')
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Waits until the journal of the newest attempt says something, while a run goes on. */
export async function untilJournal(
  place: UpgradePlace,
  matches: (attempt: Attempt) => boolean,
  seconds = 120,
): Promise<void> {
  for (let waited = 0; waited < seconds; waited += 0.02) {
    const newest = (await place.attempts().catch(() => [])).at(-1)
    if (newest !== undefined && matches(newest)) return
    await sleep(20)
  }
  throw new Error('the journal never said it')
}

interface DriverSpec {
  root: string
  directory: string
  url: string
  port: number
  options: PlaceOptions
}

async function startByDriver({
  root,
  directory,
  url,
  port,
  options: { databaseUrl, from = OLD, installed = [from] },
}: DriverSpec): Promise<void> {
  await mkdir(join(directory, 'versions'))
  for (const version of installed)
    await symlink(await serverEnvironment(version), join(directory, 'versions', version))
  const place = {
    machine: realMachine({ ...process.env, ZENML_DATABASE_URL: databaseUrl }),
    environment: 'staging' as const,
    workspace: root,
    serverUrl: url,
    uv: async () => ({ path: await uv(), version: '1' }),
  }
  const journal = { child: () => Promise.resolve(), note: () => Promise.resolve() }
  const driver = createDriver(
    {
      local: {
        directory,
        port,
        ...(databaseUrl === undefined ? {} : { 'database-url-env': 'ZENML_DATABASE_URL' }),
      },
    },
    place,
  )
  await driver.startOld?.({ fromVersion: from, toVersion: from }, journal)
  while (
    !(await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    ))
  ) {
    const death = await driver.died?.()
    if (death !== undefined) throw new Error(death)
    await sleep(100)
  }
}

interface ControlSpec {
  directory: string
  url: string
  port: number
  options: PlaceOptions
}

async function writeControl({
  directory,
  url,
  port,
  options,
}: ControlSpec): Promise<UpgradePlace['control']> {
  const variables = {
    ...serverVariables(url, directory),
    ...(options.databaseUrl === undefined ? {} : { ZENML_STORE_URL: options.databaseUrl }),
    ...(options.workloads === true ? await workloadVariables(directory) : {}),
    // A half-done migration must stay half-done: these tests are about our own backup, not ZenML's.
    ZENML_STORE_BACKUP_STRATEGY: 'disabled',
  }
  const exports_ = Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join('\n')
  const script = join(directory, 'control.sh')
  await writeFile(
    script,
    `#!/usr/bin/env bash
set -euo pipefail
cd ${directory}; mkdir -p cwd; cd cwd
${exports_}
declare -A PYTHON=([${OLD}]=${await serverEnvironment(OLD)}/bin/python [${NEW}]=${await serverEnvironment(NEW)}/bin/python)
case "$1" in
  start)
    setsid nohup "\${PYTHON[$2]}" -m uvicorn zenml.zen_server.zen_server_api:app --host 127.0.0.1 --port ${port} >>../server.log 2>&1 </dev/null &
    echo $! >../server.pid
    for _ in $(seq 600); do
      curl --noproxy '*' -fsS -o /dev/null ${url}/health 2>/dev/null && exit 0
      kill -0 "$(cat ../server.pid)" 2>/dev/null || { tail -n 20 ../server.log; exit 1; }
      sleep 0.2
    done
    exit 1 ;;
  migrate) "\${PYTHON[$2]}" -m zenml.zen_server.database_migration ;;
  stop)
    for pid in $(cat ../server.pid 2>/dev/null) $(python3 -c 'import json,sys; print(json.load(open("../server.json"))["pid"])' 2>/dev/null); do
      kill "$pid" 2>/dev/null || continue
      for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
      kill -9 "$pid" 2>/dev/null || true
    done
    rm -f ../server.pid ;;
esac
`,
    { mode: 0o755 },
  )
  // The same settings for the server that our own driver starts.
  const forDriver = Object.entries(variables).filter(
    ([name]) =>
      ![
        'ZENML_SERVER',
        'ZENML_STORE_URL',
        'ZENML_CONFIG_PATH',
        'ZENML_STORE_BACKUP_STRATEGY',
        'DISABLE_DATABASE_MIGRATION',
      ].includes(name),
  )
  await writeFile(
    join(directory, 'server.env'),
    `${forDriver.map(([name, value]) => `${name}='${value}'`).join('\n')}\n`,
  )
  return (...args) => {
    execFileSync('bash', [script, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
}

interface OriginSpec {
  url: string
  directory: string
  port: number
  backups: string
  options: PlaceOptions
}

async function writeOrigin(
  origin: string,
  { url, directory, port, backups, options }: OriginSpec,
): Promise<void> {
  await cp(PIPELINES, origin, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  const deploy =
    options.deploy === 'local'
      ? {
          local: {
            directory,
            port,
            ...(options.databaseUrl === undefined
              ? {}
              : { 'database-url-env': 'ZENML_DATABASE_URL' }),
          },
        }
      : { command: options.deploy }
  const backup =
    options.backup ??
    (options.databaseUrl === undefined
      ? JSON.stringify({ sqlite: { path: join(directory, 'zenml.db'), to: backups } })
      : JSON.stringify({ mysql: { to: backups } }))
  await writeFile(
    join(origin, 'zenml-upgrade.yml'),
    `zenml: ${NEW}
environments:
  staging: { server: "${url}", deploy: ${JSON.stringify(deploy)}, backup: ${backup} }
  production: { server: "http://127.0.0.1:9", deploy: { command: { deploy: "true" } } }
${options.more ?? ''}`,
  )
  execFileSync('git', ['-C', origin, 'init', '--quiet'])
  commit(origin)
}

function commit(repository: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-C',
      repository,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@t.test',
      ...args,
    ])
  git('add', '.')
  git('commit', '--quiet', '--no-gpg-sign', '-m', 'content')
}

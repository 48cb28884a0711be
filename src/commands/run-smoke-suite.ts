import { localPython } from '../zenml-client/local-python.ts'
import { secondsOf } from '../inputs/inputs.ts'
import type { SmokeSuite } from '../config/schema.ts'
import { explainRun } from '../runs/explain.ts'
import { markRuns, runsSince, stopRunsSince } from '../runs/since.ts'
import { discoverSnapshots } from '../snapshots/discover.ts'
import type { DiscoveredSnapshot } from '../snapshots/discovered.ts'
import { runSmokeSuites, type RunsMade, type SmokeDeps } from '../smoke/smoke.ts'
import { commonest, sourceOf, suitesToRun } from '../smoke/choose.ts'
import { stackReader } from '../stacks/definition.ts'
import { currentUserSchema } from '../zenml/entities.ts'
import { projects } from '../zenml/inventory.ts'
import { clientMaker, sourceRoot } from '../session/client.ts'
import type { CommandContext, Conclusion } from './command.ts'
import { versionMismatch } from './server-version.ts'
import { demandTip } from '../state/backend.ts'
import { pushedCode } from '../session/pushed-code.ts'
import { pinsOf } from '../session/source-commits.ts'
import { keepFinding, openWorkspace, type Workspace } from '../session/session.ts'

export async function runSmokeSuite({
  inputs,
  machine,
}: CommandContext<'run-smoke-suite'>): Promise<Conclusion<'run-smoke-suite'>> {
  const workspace = await openWorkspace(inputs, machine)
  const suites = suitesToRun(workspace.config.smoke, {
    command: inputs.command,
    junit: inputs.junit,
    timeoutSeconds: secondsOf(inputs.timeout),
  })
  await demandTip(workspace.place)
  const sources = pinsOf((await workspace.testedIn(workspace.environment)).sources)
  const info = await workspace.server.info()
  const planned = notRun(workspace, suites, info.version, inputs['dry-run'] === 'true')
  if (planned !== undefined) {
    if (planned.reasonCode === 'dry-run') await rehearse(workspace, suites)
    return { ...planned, outputs: { sources } }
  }
  await workspace.place.holdForRun(info.id)
  const verdict = await runSmokeSuites(
    {
      suites,
      serverVersion: info.version,
      retries: Number(inputs.retries),
      server: { url: workspace.server.url, apiKey: workspace.apiKey },
      withhold: secretVariables(workspace),
    },
    {
      machine,
      prepare: await preparer(workspace, suites, info.version),
      markRuns: () => marker(workspace),
    },
  )
  const { details } = verdict
  const finding = {
    command: 'run-smoke-suite' as const,
    mode: null,
    reasonCode: verdict.reasonCode,
    summary: verdict.summary,
    zenmlVersion: info.version,
    discovered: null,
    smoke: details,
  }
  return {
    reasonCode: verdict.reasonCode,
    summary: `${workspace.environment}: ${verdict.summary}`,
    // A command of the input is not the suite of the file, which alone is evidence for this
    // content.
    attempt: inputs.command === undefined ? await keepFinding(workspace, info, finding) : undefined,
    details,
    outputs: {
      sources,
      total: details.total ?? undefined,
      passed: details.passed ?? undefined,
      failed: details.failed ?? undefined,
      skipped: details.skipped ?? undefined,
      flaky: details.flaky ?? undefined,
    },
  }
}

/**
 * Concludes where nothing is run: there is no suite, the server has another version than the one
 * that is to be tested, or this is a dry run.
 */
function notRun(
  { environment, target }: Workspace,
  suites: readonly SmokeSuite[],
  version: string,
  dryRun: boolean,
): Conclusion<'run-smoke-suite'> | undefined {
  const mismatch = versionMismatch(version, target)
  if (suites.length > 0 && mismatch === undefined && !dryRun) return undefined
  const details = {
    'zenml-version': version,
    suites: [],
    total: null,
    passed: null,
    failed: null,
    skipped: null,
    flaky: null,
  }
  if (suites.length === 0)
    return {
      reasonCode: 'no-smoke-suite',
      summary: `${environment}: the file names no smoke suite`,
      details,
    }
  if (mismatch !== undefined)
    return {
      reasonCode: mismatch.code,
      summary: `${environment}: ${mismatch.message}; the suite would not test that version`,
      next: mismatch.next,
      details,
    }
  return {
    reasonCode: 'dry-run',
    summary: `${environment}: would run ${suites.map(({ command }) => `\`${command}\``).join(', ')} with ZenML ${version}`,
    details,
  }
}

/** Uses what a run would use before its first suite: the key, and the code of every source. */
async function rehearse(workspace: Workspace, suites: readonly SmokeSuite[]): Promise<void> {
  const { config, server } = workspace
  await server.get('/current-user', currentUserSchema)
  for (const suite of suites) await sourceRoot(workspace, sourceOf(config.sources, suite))
}

/**
 * Suites run with the client that the snapshots of their source are rebuilt with: one environment,
 * made once.
 */
async function preparer(
  workspace: Workspace,
  suites: readonly SmokeSuite[],
  version: string,
): Promise<SmokeDeps['prepare']> {
  const { config, server, machine } = workspace
  const make = clientMaker(workspace, version)
  const variables = await pushedCode(workspace)
  // All code is brought here before the first suite runs: that may take hours, and a token does not
  // last.
  for (const suite of suites) await sourceRoot(workspace, sourceOf(config.sources, suite))
  const found = (await discoverSnapshots(server, config.projects)) ?? []
  const integrations = await integrationsOf(workspace, found)
  return async (suite) => {
    const source = sourceOf(config.sources, suite)
    const root = await sourceRoot(workspace, source)
    const python =
      source.python ??
      commonest(found.map((snapshot) => snapshot.python)) ??
      (await localPython(machine, version))
    const client = await make({ source, root, python, integrations, planning: false })
    return {
      source: source.name,
      sourceRoot: root.directory,
      client: { ...client, env: { ...client.env, ...variables } },
    }
  }
}

async function integrationsOf(
  { server }: Workspace,
  snapshots: readonly DiscoveredSnapshot[],
): Promise<string[]> {
  const read = stackReader(server)
  const ids = new Set(snapshots.map(({ stack }) => stack?.id).filter((id) => id !== undefined))
  const stacks = await Promise.all([...ids].map(read))
  return [...new Set(stacks.flatMap((stack) => stack?.integrations ?? []))].sort()
}

/** Marks where every project is now. */
async function marker({ server, config }: Workspace): Promise<RunsMade> {
  const { id: user } = await server.get('/current-user', currentUserSchema)
  const marks = await Promise.all(
    (await projects(server, config.projects)).map(({ id }) => markRuns(server, id)),
  )
  return {
    async reports() {
      const runs = (await Promise.all(marks.map((mark) => runsSince(server, mark, user)))).flat()
      return Promise.all(runs.map(({ id }) => explainRun(server, id, 'source')))
    },
    stopOpen: async () =>
      (await Promise.all(marks.map((mark) => stopRunsSince(server, mark, user)))).flat(),
  }
}

/** Variables named in the file whose values tests have no business with. */
function secretVariables({ config }: Workspace): string[] {
  const named = Object.values(config.environments).flatMap(({ deploy, backup }) => [
    deploy.local?.['database-url-env'],
    backup?.mysql?.['url-env'],
    backup?.mysql?.['scratch-url-env'],
  ])
  return [...named, ...config.sources.flatMap(({ install }) => install['index-env'])].filter(
    (name) => name !== undefined,
  )
}

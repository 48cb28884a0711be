import { join } from 'node:path'
import { remember } from '../core/once.ts'
import { plainName } from '../core/plain-name.ts'
import { redactForeign } from '../runtime/secrets.ts'
import type { CheckedBuilds, ConfiguredPipeline } from '../zenml-client/job-values.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { buildsHere, judgeBuilds, repositoriesOf, type BuildVerdict } from './judge-builds.ts'
import type { Workplace } from './workplace.ts'

/** A registry and a credential helper have half of it each. */
const TIMEOUT_SECONDS = 120
const NOTHING_TO_CHECK: BuildVerdict = { problem: undefined, notes: [] }

/** Checks a stack before its first image is built: is there an engine here, and may it push? */
export class BuildChecks {
  readonly #deps: SnapshotsDeps
  readonly #known = new Map<string, Promise<BuildVerdict>>()

  constructor(deps: SnapshotsDeps) {
    this.#deps = deps
  }

  /** Asks once for each stack and what is pushed to. Changes nothing. */
  async of(
    place: Workplace,
    selected: SelectedSnapshot,
    { plannedBuild: planned }: ConfiguredPipeline,
  ): Promise<BuildVerdict> {
    const { definition, id } = place.stack
    if (planned === null || !buildsHere(planned, definition)) return NOTHING_TO_CHECK
    const { repositories, notes } = repositoriesOf(planned.images, definition)
    const verdict = await remember(this.#known, JSON.stringify([id, repositories]), () =>
      this.#ask(place, selected, repositories),
    )
    return { ...verdict, notes: [...notes, ...verdict.notes] }
  }

  async #ask(
    { client, stack, job }: Workplace,
    { snapshot }: SelectedSnapshot,
    repositories: readonly string[],
  ): Promise<BuildVerdict> {
    const { jobVariables, logDirectory, target } = this.#deps
    const { name } = stack.definition
    const result = await client.run({
      op: 'check-builds',
      ...job,
      configuration: null,
      configPath: null,
      stack: stack.id,
      project: snapshot.projectId,
      repositories,
      env: jobVariables,
      timeoutSeconds: TIMEOUT_SECONDS,
      logPath: join(logDirectory, `${plainName(name)}.builds.log`),
    })
    return result.ok
      ? judgeBuilds(withoutSecrets(result.value), { stack: name, target })
      : { problem: undefined, notes: [`Where images are built: ${result.error}`] }
  }
}

/** The texts of registries and engines are foreign. */
function withoutSecrets({ engineProblem, pushes }: CheckedBuilds): CheckedBuilds {
  return {
    engineProblem: engineProblem === null ? null : redactForeign(engineProblem),
    pushes: pushes.map((push) => ({ ...push, detail: redactForeign(push.detail) })),
  }
}

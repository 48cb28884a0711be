import type { Source } from '../config/schema.ts'
import { plainName } from '../core/plain-name.ts'
import { checkCompiled, type CompiledCheck } from './check-compiled.ts'
import { codeOrigins } from './code-origins.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { findSource } from './find-source.ts'
import { currentReport } from './reports.ts'
import type { Misfit, Selection, UndecidedSnapshot } from './select.ts'
import { NO_TALLY } from './tally.ts'
import { jobProblem, workOn } from './workplace.ts'

/**
 * Finds the sources that the patterns of the file left undecided: by the code reference of the
 * snapshot, else by the module of its pipeline. A module that several sources have is compiled in
 * each of them.
 * @throws Stop `source-unreachable`, `source-missing`
 */
export async function resolveSources(
  deps: SnapshotsDeps,
  selection: Selection,
): Promise<Selection> {
  if (selection.undecided.length === 0) return selection
  const origins = await codeOrigins(deps, selection.undecided)
  const selected: SelectedSnapshot[] = []
  const misfits: Misfit[] = []
  const several: UndecidedSnapshot[] = []
  for (const one of selection.undecided) {
    const { snapshot, declaration } = one
    const found = findSource(snapshot, deps.file.sources, origins.get(snapshot.key))
    if (found.kind === 'found') selected.push({ snapshot, declaration, source: found.source })
    else if (found.kind === 'none') misfits.push({ snapshot, declaration, ...found })
    else several.push({ ...one, sources: found.sources })
  }
  const trials = await compileInEach(deps, several)
  for (const one of several) {
    const chosen = chooseSource(one, trials.get(one.snapshot.key) ?? [])
    if ('source' in chosen) selected.push(chosen)
    else misfits.push(chosen)
  }
  for (const { snapshot, source } of selected)
    deps.machine.log.info(`${snapshot.key}: its code is in the source ${source.name}`)
  return {
    ...selection,
    selected: [...selection.selected, ...selected],
    misfits: [...selection.misfits, ...misfits],
    undecided: [],
  }
}

/** What compiling a snapshot in one of several sources came to. */
export interface Trial {
  readonly source: Source
  /**
   * `same`: as recorded. `changed`: as recorded, but for what the change of its code explains.
   * `other`: the same pipeline and steps, another record. `absent`: its pipeline is not there.
   * `failed`: nothing is known.
   */
  readonly result: 'same' | 'changed' | 'other' | 'absent' | 'failed'
  /** Why it is absent or failed. */
  readonly why: string | null
}

/**
 * Chooses the source whose pipeline is the recorded one, or says why none can be chosen. While one
 * of them is unknown, only a pipeline that is as recorded is chosen: the others may be those of
 * another team. Pure.
 */
export function chooseSource(
  { snapshot, declaration }: UndecidedSnapshot,
  trials: readonly Trial[],
): SelectedSnapshot | Misfit {
  const of = (...results: readonly Trial['result'][]) =>
    trials.filter(({ result }) => results.includes(result))
  const unknown = of('failed')
  const candidates = [of('same', 'changed'), of('other')].find(({ length }) => length > 0) ?? []
  const fitting = unknown.length > 0 && of('same').length > 0 ? of('same') : candidates
  const [only] = fitting
  if (
    only !== undefined &&
    fitting.length === 1 &&
    (unknown.length === 0 || only.result === 'same')
  )
    return { snapshot, declaration, source: only.source }
  return {
    snapshot,
    declaration,
    message: whyNone(fitting, unknown, trials),
    next:
      only !== undefined && fitting.length === 1
        ? 'Add the name to `snapshots` of its source, or correct what failed.'
        : 'Add the name to `snapshots` of its source.',
  }
}

function whyNone(
  fitting: readonly Trial[],
  unknown: readonly Trial[],
  trials: readonly Trial[],
): string {
  const names = fitting.map(({ source }) => source.name).join(', ')
  if (fitting.length > 1)
    return `Its pipeline, with the same steps, is in more than one source: ${names}.`
  if (fitting.length === 1)
    return `A pipeline of its name is in the source ${names}, with another record, and another source could not be compared. ${reasonsOf(unknown)}`
  return `More than one source has its module, and its pipeline is in none of them. ${reasonsOf(trials)}`
}

function reasonsOf(trials: readonly Trial[]): string {
  return trials.map(({ source, why }) => `${source.name}: ${why ?? 'not measured'}`).join(' ')
}

/** Names the log of a snapshot in one of its sources. Pure. */
export function phaseOf({ source }: Pick<SelectedSnapshot, 'source'>): string {
  return `find-in-${plainName(source.name)}`
}

/** Compiles each snapshot in each of its sources. Changes nothing anywhere. */
async function compileInEach(
  deps: SnapshotsDeps,
  several: readonly UndecidedSnapshot[],
): Promise<ReadonlyMap<string, Trial[]>> {
  const trials = new Map<string, Trial[]>()
  const checked = new Map<SelectedSnapshot, Omit<Trial, 'source'>>()
  const attempts = several.flatMap(({ snapshot, declaration, sources }) =>
    sources.map((source): SelectedSnapshot => ({ snapshot, declaration, source })),
  )
  if (attempts.length === 0) return trials
  const reports = await workOn(deps, {
    planning: true,
    failedAt: 'plan',
    phase: phaseOf,
    snapshots: attempts,
    tally: NO_TALLY,
    on: async (place, selected) => {
      checked.set(selected, trialOf(await checkCompiled(deps, place, selected), place.job.logPath))
      return currentReport(selected)
    },
  })
  for (const selected of attempts) {
    const { snapshot, source } = selected
    const refused = reports.find(
      (report) => report.source === source.name && report['old-id'] === snapshot.id,
    )
    const result = checked.get(selected) ?? {
      result: 'failed' as const,
      why: refused?.message ?? null,
    }
    trials.set(snapshot.key, [...(trials.get(snapshot.key) ?? []), { source, ...result }])
  }
  return trials
}

/** Pure. */
export function trialOf(check: CompiledCheck, logPath: string): Omit<Trial, 'source'> {
  if (check.ok) return { result: comparison(check), why: null }
  const { message } = jobProblem(check, logPath)
  // It says nothing about the pipeline.
  if (check.kind === 'needs-server')
    return { result: 'failed', why: `While it was compiled, its code asked the server: ${message}` }
  const isAbsent = check.kind === 'mismatch' || check.kind === 'no-pipeline'
  return { result: isAbsent ? 'absent' : 'failed', why: message }
}

function comparison({
  problem,
  value,
  changedByCode,
}: CompiledCheck & { readonly ok: true }): Trial['result'] {
  if (problem !== undefined || value.records === null) return 'other'
  return changedByCode ? 'changed' : 'same'
}

import type { Source } from '../config/schema.ts'
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
  /** `same`: as recorded. `other`: the same pipeline and steps, another record. */
  readonly result: 'same' | 'other' | 'failed'
  /** Why it failed. */
  readonly why: string | null
}

/** Chooses the source whose pipeline is the recorded one, or says why none can be chosen. Pure. */
export function chooseSource(
  { snapshot, declaration }: UndecidedSnapshot,
  trials: readonly Trial[],
): SelectedSnapshot | Misfit {
  const same = trials.filter(({ result }) => result === 'same')
  const fitting = same.length > 0 ? same : trials.filter(({ result }) => result === 'other')
  const [only] = fitting
  if (only !== undefined && fitting.length === 1)
    return { snapshot, declaration, source: only.source }
  const next = 'Add the name to `snapshots` of its source.'
  if (only !== undefined)
    return {
      snapshot,
      declaration,
      message: `Its pipeline, with the same steps, is in more than one source: ${fitting.map(({ source }) => source.name).join(', ')}.`,
      next,
    }
  return {
    snapshot,
    declaration,
    message: `More than one source has its module, and its pipeline is in none of them. ${trials.map(({ source, why }) => `${source.name}: ${why ?? 'not measured'}`).join(' ')}`,
    next,
  }
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

function trialOf(check: CompiledCheck, logPath: string): Omit<Trial, 'source'> {
  if (check.ok) return { result: check.problem === undefined ? 'same' : 'other', why: null }
  // It could be imported; only the live server can tell more.
  if (check.kind === 'needs-server') return { result: 'other', why: null }
  return { result: 'failed', why: jobProblem(check, logPath).message }
}

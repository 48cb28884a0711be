import { snapshotKey } from '../core/snapshot-key.ts'
import { listed, plural } from '../core/text.ts'
import { sameVersion } from '../core/versions.ts'
import { allSnapshots, codeOf } from './config-text.ts'
import type { Facts, ServerFacts } from './facts.ts'
import { missingTwins } from './twins.ts'
import { names } from './yaml-quote.ts'

/** What a server is and has, as one sentence. */
export function serverSentence({
  environment,
  version,
  workspace,
  stacks,
  snapshots,
  schedules,
}: ServerFacts): string {
  const kind = workspace === null ? '' : `, workspace ${names([workspace])} of ZenML Pro`
  const counts = [
    stacks === null ? undefined : plural(stacks.length, 'stack'),
    snapshots === null ? undefined : plural(snapshots.length, 'named snapshot'),
    schedules === null ? undefined : plural(schedules.length, 'schedule'),
  ].filter((count) => count !== undefined)
  return `${environment}: ZenML ${version}${kind}${counts.length === 0 ? '' : `; ${listed(counts)}`}`
}

/** Most lines about snapshots; the file has the rest as comments. */
const MOST = 20

/** Each snapshot with the module of its pipeline, and whether this repository has it. */
export function codeSentences(facts: Facts): string[] {
  const snapshots = allSnapshots(facts)
  const { places, ambiguous } = codeOf(facts)
  const lines = snapshots.map((snapshot) => {
    const path = places.find(({ snapshots: served }) => served.includes(snapshot))?.path
    const choices = ambiguous.find(({ snapshots: served }) => served.includes(snapshot))?.paths
    const where =
      path === undefined
        ? choices === undefined
          ? 'not found in this repository'
          : `in several folders: ${names(choices)}`
        : path === '.'
          ? 'in this repository'
          : `in ${path}`
    const place = snapshot.why ?? `module ${snapshot.module ?? ''}, ${where}`
    return `${names([snapshotKey(snapshot)])}: ${place}`
  })
  return lines.length > MOST ? [...lines.slice(0, MOST), `and ${lines.length - MOST} more`] : lines
}

/** What to know before the first upgrade, as sentences. */
export function warnings(facts: Facts): string[] {
  const { staging, production } = facts
  const { ambiguous, elsewhere } = codeOf(facts)
  const twins =
    staging.stacks === null || production.stacks === null
      ? []
      : missingTwins(production.stacks, staging.stacks)
  const schedules = [...(staging.schedules ?? []), ...(production.schedules ?? [])].filter(
    ({ active }) => active,
  )
  return [
    staging.notLooked,
    production.notLooked,
    staging.id === production.id
      ? 'Both servers have the same id: one is a copy of the other, or both addresses lead to the same server.'
      : null,
    sameVersion(staging.version, production.version)
      ? null
      : `The versions differ: staging runs ${staging.version}, production ${production.version}; the file says that of staging.`,
    twins.length === 0
      ? null
      : `Without a stack of the same name in staging: ${names(twins.map(({ stack }) => stack))}.`,
    ambiguous.length === 0
      ? null
      : `Several folders of this repository have the modules of ${names(ambiguous.map(({ pipeline }) => pipeline))}, and none was chosen: see what is left for you.`,
    elsewhere.length === 0
      ? null
      : `Their code was not found in this repository: ${names(elsewhere.map(snapshotKey))}. If it is in another one, name that under sources.`,
    schedules.length === 0
      ? null
      : `Schedules are not recreated yet; after an upgrade do it by hand for ${names(schedules.map(({ project, name }) => `${project}/${name}`))}.`,
  ].filter((warning) => warning !== null)
}

/** A generated file that init leaves alone. */
export function editedSentence(path: string): string {
  return `${path} was edited after init wrote it, so it was left as it is; the log shows how it differs. For the new text delete it and run init again; for changes of your own take the lines over by hand.`
}

import { snapshotKey } from '../core/snapshot-key.ts'
import { docsUrl } from '../core/docs-url.ts'
import { capitalised } from '../core/text.ts'
import { sameVersion, isOlder } from '../core/versions.ts'
import { backupLines, CHANGE, deployLines } from './deploy-text.ts'
import type { Facts, ServerFacts, SnapshotFact } from './facts.ts'
import { proposeRequirements } from './requirements.ts'
import { findCode, type AmbiguousCode, type Code, type CodePlace } from './sources.ts'
import { missingTwins } from './twins.ts'
import { inComment, names, scalar } from './yaml-quote.ts'

/**
 * The text of `zenml-upgrade.yml` for these servers and this repository. `repository` is the slug
 * of zenml-upgrade.
 */
export function configText(facts: Facts, repository: string): string {
  const { staging, production, driver } = facts
  const environment = (server: ServerFacts) => [
    `  ${server.environment}:`,
    `    server: ${scalar(server.url)}`,
    '    deploy:',
    ...deployLines(driver, server).map((line) => `      ${line}`),
    ...backupLines(server).map((line) => `    ${line}`),
  ]
  return [
    `# yaml-language-server: $schema=https://raw.githubusercontent.com/${repository}/main/schema/zenml-upgrade.schema.json`,
    `# Every key: ${docsUrl('configuration', repository)}`,
    `# ${versionSentence(facts)}`,
    `zenml: ${scalar(staging.version)}`,
    'environments:',
    ...environment(staging),
    ...environment(production),
    ...sourceLines(facts),
    ...stackLines(facts),
    'smoke:',
    `  - { ${codeOf(facts).places.length > 1 ? 'source: default, ' : ''}command: python -m pytest -q tests/smoke, timeout: 30m }`,
    'execute: { staging: all, production: none } # which rebuilt snapshots are run: all, declared or none',
    ...scheduleLines(facts),
    '',
  ].join('\n')
}

/**
 * The version of the file is that of staging, so that nothing is upgraded before somebody asks for
 * it.
 */
function versionSentence({ staging, production, setup: { base } }: Facts): string {
  const rest = 'raise it in a pull request to upgrade.'
  if (sameVersion(staging.version, production.version)) return `What both servers run; ${rest}`
  const both = `What staging runs (production: ${inComment(production.version)});`
  return isOlder(staging.version, production.version)
    ? `${both} production is ahead, so bring staging to its version first: ${rest}`
    : `${both} the merge into ${base} brings production there. ${capitalised(rest)}`
}

/** Every snapshot that either server has, once. */
export function allSnapshots({ staging, production }: Facts): SnapshotFact[] {
  const byKey = new Map<string, SnapshotFact>()
  for (const snapshot of [...(production.snapshots ?? []), ...(staging.snapshots ?? [])])
    byKey.set(snapshotKey(snapshot), snapshot)
  return [...byKey.values()]
}

/**
 * The smoke suite's own requirement stands apart, because the code of the pipelines does not need
 * it.
 */
export const SMOKE_REQUIREMENTS = 'tests/smoke/requirements.txt'

/** Where the code of all of them is. */
export function codeOf(facts: Facts): Code {
  return findCode(allSnapshots(facts), facts.files, facts.chosenCode)
}

/** Folder of the source: the smoke suite runs there. */
export function sourcePath(facts: Facts): string {
  return codeOf(facts).places[0].path
}

function sourceLines(facts: Facts): string[] {
  const { places, ambiguous, elsewhere } = codeOf(facts)
  const several = places.length > 1 || ambiguous.length > 0
  return [
    'sources:',
    ...places.flatMap((place, index) => placeLines(place, { index, several, facts })),
    ...ambiguousLines(ambiguous, facts),
    ...elsewhereLines(elsewhere),
  ]
}

/** The smoke suite is in the first. */
function placeLines(
  { path, snapshots }: CodePlace,
  {
    index,
    several,
    facts,
  }: { readonly index: number; readonly several: boolean; readonly facts: Facts },
): string[] {
  const proposed = proposeRequirements(path, facts)
  const requirements = [
    ...(proposed === null ? [] : [proposed.file]),
    ...(index === 0 ? [SMOKE_REQUIREMENTS] : []),
  ]
  const why = proposed?.why == null ? '' : ` # ${proposed.why}`
  return [
    `  - name: ${index === 0 ? 'default' : `source-${index + 1}`}`,
    ...(path === '.'
      ? []
      : [
          `    path: ${scalar(path)} # from here the modules of ${several ? 'its' : 'the'} snapshots can be imported`,
        ]),
    ...(requirements.length === 0
      ? []
      : [`    install: { requirements: [${requirements.map(scalar).join(', ')}] }${why}`]),
    ...(several
      ? [
          `    snapshots: [${snapshots.map((snapshot) => scalar(patternOf(snapshot, facts))).join(', ')}]`,
        ]
      : []),
  ]
}

/** The name alone while it fits one snapshot. */
function patternOf(snapshot: SnapshotFact, facts: Facts): string {
  const namesakes = allSnapshots(facts).filter(({ name }) => name === snapshot.name)
  return namesakes.length === 1 ? snapshot.name : snapshotKey(snapshot)
}

/** Most entries of one comment. */
const MOST = 20

/** The first line of what a person decides about code that several folders may have. */
export const DECIDE = `${CHANGE}: several folders have the modules of these pipelines. Choose the path of each, and take its line over:`

/** Sources to choose from; without one of them their snapshots are in none, and are not rebuilt. */
function ambiguousLines(ambiguous: readonly AmbiguousCode[], facts: Facts): string[] {
  if (ambiguous.length === 0) return []
  const shown = ambiguous.slice(0, MOST)
  return [
    `  ${DECIDE}`,
    ...shown.flatMap(({ pipeline, module, paths, snapshots }) => {
      const patterns = snapshots.map((snapshot) => inComment(patternOf(snapshot, facts)))
      return [
        `  # ${inComment(pipeline)}: ${inComment(module)} is in ${names(paths)}`,
        `  # - { name: ${inComment(pipeline)}, path: <one of them>, snapshots: [${patterns.join(', ')}] }`,
      ]
    }),
    ...(ambiguous.length > shown.length ? [`  # and ${ambiguous.length - shown.length} more`] : []),
  ]
}

/** Snapshots that will not be rebuilt as the file stands, as an exclusion to take over. */
function elsewhereLines(elsewhere: readonly SnapshotFact[]): string[] {
  if (elsewhere.length === 0) return []
  const shown = elsewhere.slice(0, 20)
  return [
    '# The code of these snapshots was not found here. Is it in another repository? Add that to `sources`, each with its own `snapshots`:',
    `#   - { name: <name>, repository: <owner/name>, ref: { staging: staging, production: main }, snapshots: [${names(elsewhere.map(({ name }) => name))}] }`,
    '# Or correct `path`, or leave them alone:',
    '# exclude:',
    ...shown.map(
      (snapshot) =>
        `#   - { pattern: ${inComment(snapshotKey(snapshot))}, reason: ${inComment(snapshot.why ?? `module ${snapshot.module ?? 'unknown'} is not in this repository`)} }`,
    ),
    ...(elsewhere.length > shown.length ? [`#   and ${elsewhere.length - shown.length} more`] : []),
  ]
}

function stackLines({ staging, production }: Facts): string[] {
  if (staging.stacks === null || production.stacks === null)
    return ['# stacks: { <production stack>: <its twin in staging> } # where the names differ']
  const missing = missingTwins(production.stacks, staging.stacks)
  if (missing.length === 0) return []
  const shown = missing.slice(0, 20)
  return [
    `# Stacks of production without one of that name in staging, which has ${staging.stacks.length === 0 ? 'none' : names(staging.stacks)}. Name their twins:`,
    '# stacks:',
    ...shown.map(
      ({ stack, guess }) =>
        `#   ${inComment(stack)}: ${guess === null ? '<its twin in staging>' : inComment(guess)}`,
    ),
    ...(missing.length > shown.length ? [`#   and ${missing.length - shown.length} more`] : []),
  ]
}

function scheduleLines({ staging, production }: Facts): string[] {
  const found = [...(production.schedules ?? []), ...(staging.schedules ?? [])].filter(
    ({ active }) => active,
  )
  if (found.length === 0) return []
  const list = [...new Set(found.map(({ project, name }) => `${project}/${name}`))]
  return [
    `# Schedules keep running the old image after an upgrade; to recreate them is not built yet, so do it by hand: ${names(list)}.`,
  ]
}

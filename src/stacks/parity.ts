import type {
  InventoryComponent,
  InventoryStack,
  ParityFinding,
  ParityReport,
  StackInventory,
} from '../result/stacks.ts'
import { FINDING_KINDS, isNote, type ParityFact } from '../report/parity-fact.ts'
import { parityFindingWords } from '../report/wording-parity.ts'
import { compareComponents, pairComponents } from './components.ts'
import { missingTwin, twinOf, unknownNames, type Twins } from './twins.ts'

const MOST_FINDINGS = 100

export interface ParityFacts {
  readonly production: StackInventory
  readonly staging: StackInventory
  readonly twins: Twins
}

/**
 * Compares each stack of production that a named snapshot uses with its twin in staging; all others
 * are only counted.
 */
export function judgeParity({ production, staging, twins }: ParityFacts): ParityReport {
  const names = {
    production: production.stacks.map(({ name }) => name),
    staging: staging.stacks.map(({ name }) => name),
  }
  const inStaging = new Map(staging.stacks.map((stack) => [stack.name, stack]))
  const inUse = production.stacks.filter((stack) => stack['in-use'])
  const orphans = inUse.filter(({ name }) => !inStaging.has(twinOf(name, twins)))
  const findings = [
    ...orphans.map(({ name }) => missingTwin(name, twins, names)),
    ...unknownNames(twins, names, new Set(orphans.map(({ name }) => name))),
    ...inUse.flatMap((stack) => compareStacks(stack, inStaging.get(twinOf(stack.name, twins)))),
  ]
    .map(toFinding)
    .sort((a, b) => (a.stack < b.stack ? -1 : a.stack > b.stack ? 1 : 0))
  const [notes, differences] = [
    findings.filter(isNote),
    findings.filter((finding) => !isNote(finding)),
  ]
  return {
    compared: inUse.length,
    'not-in-use': production.stacks.length - inUse.length,
    differences: differences.length,
    notes: notes.length,
    // What could not be read decides, so it stays when others are cut.
    findings: [
      ...differences,
      ...notes.filter(({ kind }) => kind === 'not-read'),
      ...notes.filter(({ kind }) => kind !== 'not-read'),
    ].slice(0, MOST_FINDINGS),
  }
}

function compareStacks(stack: InventoryStack, twin: InventoryStack | undefined): ParityFact[] {
  if (twin === undefined) return []
  const about = { stack: stack.name, twin: twin.name }
  const types = [
    ...new Set([...stack.components, ...twin.components].map(({ type }) => type)),
  ].sort()
  return types.flatMap((type) => {
    const of = ({ components }: InventoryStack): InventoryComponent[] =>
      components.filter((component) => component.type === type)
    const { pairs, missing, extra } = pairComponents(of(stack), of(twin))
    return [
      ...missing.map((component): ParityFact => ({
        ...about,
        kind: 'component-missing',
        component,
      })),
      ...extra.map((component): ParityFact => ({ ...about, kind: 'component-extra', component })),
      ...pairs.flatMap(([component, counterpart]) =>
        compareComponents(component, counterpart).map((fact): ParityFact => ({
          ...about,
          ...fact,
          type,
        })),
      ),
    ]
  })
}

function toFinding(fact: ParityFact): ParityFinding {
  const { stack, twin, kind } = fact
  return { stack, twin, kind: FINDING_KINDS[kind], message: parityFindingWords(fact) }
}

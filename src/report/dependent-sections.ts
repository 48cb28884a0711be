import { partOf, plural, sentence } from '../core/text.ts'
import type { DeploymentReport, TemplateReport } from '../result/snapshots.ts'
import type { SnapshotEvidence } from './snapshot-evidence.ts'
import { failingFirst, tableBlock, type Section, type Value } from './section.ts'
import { HEADERS, titled, TITLES } from './wording.ts'

/** What starts or serves an old snapshot besides triggers; what is in order needs no row. */
export function dependentSections({ results }: SnapshotEvidence): Section[] {
  const details = results.flatMap((result) => result.details ?? [])
  return [
    ...deploymentSections(newest(details.flatMap(({ deployments }) => deployments ?? []))),
    ...templateSections(newest(details.flatMap(({ templates }) => templates ?? []))),
  ]
}

/** Each once, as the newest result has it. */
function newest<T extends { readonly project: string; readonly name: string }>(
  reports: readonly T[],
): T[] {
  const byName = new Map(
    reports.map((report) => [JSON.stringify([report.project, report.name]), report]),
  )
  return [...byName.values()]
}

function deploymentSections(deployments: readonly DeploymentReport[]): Section[] {
  const shown = deployments.filter(({ status }) => status !== 'current')
  if (shown.length === 0) return []
  const rows = shown.map((deployment) => ({
    cells: [
      { name: deployment.name },
      { name: [deployment.project, deployment.pipeline ?? '?'].join('/') },
      deployment.status,
      deployment.version,
      address(deployment),
      advice(deployment),
    ],
    failing: deployment.status === 'failed',
  }))
  return [
    {
      title: titled(TITLES.deployments, deploymentCounts(deployments)),
      failing: shown.some(({ status }) => status === 'failed'),
      blocks: [tableBlock(HEADERS.deployments, failingFirst(rows))],
    },
  ]
}

function deploymentCounts(deployments: readonly DeploymentReport[]): string {
  const count = (status: DeploymentReport['status']) =>
    deployments.filter((deployment) => deployment.status === status).length
  const [failed, old, stopped, redeployed] = [
    count('failed'),
    count('old'),
    count('stopped'),
    count('redeployed'),
  ]
  return [
    ...(failed > 0 ? [`${partOf(failed, deployments.length)} could not be deployed again`] : []),
    ...(old > 0 ? [`${partOf(old, deployments.length)} serve an old snapshot`] : []),
    ...(stopped > 0 ? [`${stopped} stopped`] : []),
    ...(redeployed > 0 ? [`${redeployed} deployed again`] : []),
  ].join(', ')
}

/** Only an address that a browser opens is a link. */
function address({ url }: DeploymentReport): Value {
  if (url === null) return ''
  return /^https?:\/\//.test(url) ? { label: url, url } : { name: url }
}

function templateSections(templates: readonly TemplateReport[]): Section[] {
  if (templates.length === 0) return []
  const left = templates.filter(({ becomes }) => becomes === 'left').length
  const counts = [
    plural(templates.length, 'template'),
    ...(left > 0 ? [`no snapshot for ${left}`] : []),
  ].join(', ')
  const rows = templates.map((template) => ({
    cells: [
      { name: template.name },
      { name: [template.project, template.pipeline ?? '?'].join('/') },
      template.version,
      template.runnable ? 'yes' : 'no',
      advice(template),
    ],
    failing: false,
  }))
  return [
    {
      title: titled(TITLES.templates, counts),
      failing: false,
      blocks: [tableBlock(HEADERS.templates, rows)],
    },
  ]
}

function advice({ message, next }: Pick<DeploymentReport, 'message' | 'next'>): string {
  return [message ?? '', next ?? '']
    .filter((part) => part !== '')
    .map(sentence)
    .join(' ')
}

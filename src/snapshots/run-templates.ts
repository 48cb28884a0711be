import { snapshotKey } from '../core/snapshot-key.ts'
import { isOlder } from '../core/versions.ts'
import type { TemplateReport } from '../result/snapshots.ts'
import { runTemplateSchema, type Project, type RunTemplate } from '../zenml/entities.ts'
import { ifThere } from '../zenml/inventory.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { readableBuilds } from './builds-of-snapshots.ts'
import { SNAPSHOTS_SINCE } from './discovered.ts'
import { carries } from './versions.ts'

// What ZenML's upgrade to 0.90.0 makes of run templates (0.98.0, migrations/versions/
// 8ad841ad9bfe_pipeline_snapshots.py, lines 286 to 400): of the templates of one source that are
// not hidden the newest gives its name, its description and its tags to that source, which is a named
// snapshot from then on. All templates stay what they are: they keep starting their source, with its
// old build, also after a rebuild has made another snapshot of that name. ZenML calls them
// deprecated.

/** A run template with the facts that decide what becomes of it. */
export interface Template {
  readonly project: string
  readonly name: string
  readonly pipeline: string | undefined
  readonly created: string
  readonly hidden: boolean
  readonly runnable: boolean
  /** What it starts; undefined when that was deleted. */
  readonly sourceId: string | undefined
  /** The ZenML version of its build; undefined without a build that can be read. */
  readonly version: string | undefined
}

/** Reads all run templates; undefined where the server has no such list or hides it from the key. */
export async function readTemplates(
  server: ZenmlServer,
  projects: readonly Project[],
): Promise<Template[] | undefined> {
  const templates: Template[] = []
  for (const project of projects) {
    const found = await ifThere(
      server.list('/run_templates', runTemplateSchema, { project: project.id }),
    )
    if (found === undefined) return undefined
    const builds = await readableBuilds(
      server,
      found.flatMap(({ resources }) =>
        resources.build ? [{ projectId: project.id, id: resources.build.id }] : [],
      ),
    )
    templates.push(
      ...found.map((template) => ({
        ...describe(project.name, template),
        version:
          builds.get(template.resources.build?.id ?? '')?.metadata.zenml_version ?? undefined,
      })),
    )
  }
  return templates
}

function describe(
  project: string,
  { name, body, resources }: RunTemplate,
): Omit<Template, 'version'> {
  return {
    project,
    name,
    pipeline: resources.pipeline?.name,
    created: body.created,
    hidden: body.hidden,
    runnable: body.runnable,
    sourceId: (resources.source_deployment ?? resources.source_snapshot)?.id,
  }
}

interface About {
  /** Of the server as it is. */
  readonly serverVersion: string
  readonly target: string
  /** `project/pipeline/name` of all named snapshots that there are. */
  readonly snapshots: ReadonlySet<string>
}

/**
 * Reports what becomes of each template, in the order of their names. On a server that has snapshots,
 * those that start the target need no word. Pure.
 */
export function templateReports(templates: readonly Template[], about: About): TemplateReport[] {
  const report = isOlder(about.serverVersion, SNAPSHOTS_SINCE)
    ? (template: Template) => beforeUpgrade(template, templates)
    : (template: Template) => afterUpgrade(template, about)
  return templates
    .flatMap(report)
    .sort((a, b) => (`${a.project}/${a.name}` < `${b.project}/${b.name}` ? -1 : 1))
}

function beforeUpgrade(template: Template, all: readonly Template[]): TemplateReport {
  const { sourceId, name, pipeline = 'unlisted' } = template
  const starts = 'It stays a deprecated run template, which starts the old client.'
  if (sourceId === undefined) return withoutSource(template)
  if (template.hidden)
    return left(template, {
      message: `It is hidden, so the upgrade makes no snapshot of it. ${starts}`,
      next: `After the upgrade create a snapshot of the pipeline ${pipeline} instead, or delete the template.`,
    })
  const newer = all.find(
    (other) =>
      other !== template &&
      !other.hidden &&
      other.sourceId === sourceId &&
      other.created >= template.created,
  )
  if (newer !== undefined)
    return left(template, {
      message: `The template ${newer.name} of the same run is not older, and the upgrade makes one snapshot of both, which may get that name. ${starts}`,
      next: `After the upgrade create a snapshot ${name} of the pipeline ${pipeline} if it is still needed.`,
    })
  return {
    ...common(template),
    becomes: 'snapshot',
    message: `The upgrade makes it the snapshot ${pipeline}/${name}, which is rebuilt afterwards like every other. The template stays, deprecated, and starts the old client.`,
    next: `After the rebuild start the snapshot ${pipeline}/${name} wherever the template is started.`,
  }
}

function afterUpgrade(template: Template, { target, snapshots }: About): TemplateReport[] {
  const { project, pipeline, name, version, sourceId } = template
  if (version !== undefined && carries(version, target)) return []
  if (sourceId === undefined || pipeline === undefined) return [withoutSource(template)]
  const starts = `It still starts ${version === undefined ? 'what was built before the upgrade' : `ZenML ${version}`}.`
  if (snapshots.has(snapshotKey({ project, pipeline, name })))
    return [
      {
        ...common(template),
        becomes: 'snapshot',
        message: `The snapshot ${pipeline}/${name} took its place. ${starts}`,
        next: `Start the snapshot ${pipeline}/${name} wherever the template is started, then delete the template.`,
      },
    ]
  return [
    left(template, {
      message: `No snapshot took its place. ${starts}`,
      next: `Create a snapshot ${name} of the pipeline ${pipeline} if it is still needed, then delete the template.`,
    }),
  ]
}

function withoutSource(template: Template): TemplateReport {
  return left(template, {
    message: 'What it started was deleted, so it starts nothing.',
    next: 'Delete the template.',
  })
}

function left(
  template: Template,
  about: { readonly message: string; readonly next: string },
): TemplateReport {
  return { ...common(template), becomes: 'left', ...about }
}

function common(template: Template): Omit<TemplateReport, 'becomes' | 'message' | 'next'> {
  const { project, name, pipeline = null, version = null, runnable } = template
  return { project, name, pipeline, version, runnable }
}

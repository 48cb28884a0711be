import * as z from 'zod'
import type { JsonObject } from '../client/protocol.ts'
import { ApiError } from '../zenml/api-error.ts'
import { hydratedSnapshotSchema, triggerSchema, type HydratedSnapshot, type Trigger } from '../zenml/entities.ts'
import type { ZenmlServer } from '../zenml/server.ts'
import { carries } from './staleness.ts'
import type { DiscoveredSnapshot } from './discovered.ts'
import { difference } from './json.ts'
import { recordedConfiguration } from './recorded-configuration.ts'

// A trigger starts a snapshot by its id, so after a rebuild it still starts the old one. From ZenML 0.98.0 on it does not start the
// named snapshot itself but an anonymous copy of it, made when it was attached, with the run configuration laid over.

/** One snapshot that one trigger starts. */
export interface Attachment {
  readonly trigger: Trigger
  /** The snapshot it starts. */
  readonly attached: HydratedSnapshot
  /** The snapshot that was named when it was attached; often the same. */
  readonly base: HydratedSnapshot
}

/** All attachments of a project; empty on servers without triggers (before ZenML 0.94.0). */
export async function readAttachments(server: ZenmlServer, projectId: string): Promise<Attachment[]> {
  const triggers = await server.list('/triggers', triggerSchema, { project: projectId, hydrate: true }).catch((error: unknown) => {
    if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return []
    throw error
  })
  const attachments: Attachment[] = []
  for (const trigger of triggers.filter(({ body }) => !body.is_archived)) {
    for (const { id } of trigger.resources.snapshots) {
      const attached = await server.get(`/pipeline_snapshots/${id}`, hydratedSnapshotSchema)
      const source = attached.metadata.source_snapshot_id
      const base = attached.name || source == null ? attached : await server.get(`/pipeline_snapshots/${source}`, hydratedSnapshotSchema)
      attachments.push({ trigger, attached, base })
    }
  }
  return attachments
}

/** Lets the trigger start `to` and no longer what it started. Returns a sentence when the server refuses. */
export async function moveAttachment(server: ZenmlServer, { trigger, attached, base }: Attachment, to: DiscoveredSnapshot): Promise<string | undefined> {
  const runConfiguration = attached.id === base.id ? null : configurationOnTop(attached, base)
  try {
    await server.put(`/triggers/${trigger.id}/pipeline_snapshots/${to.id}`, z.unknown(), runConfiguration, { allow_replace: true })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // The first attempt of a killed run may have got this far (ZenML 0.94.1 has no `allow_replace` and reports a broken constraint).
    if (!(await isAttached(server, trigger.id, to))) return `The trigger ${trigger.body.name} still starts the old snapshot: ${error.detail}`
  }
  await server.delete(`/triggers/${trigger.id}/pipeline_snapshots/${attached.id}`).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  })
  return undefined
}

/**
 * The snapshot that an attachment left behind is meant for: of a rebuild that was killed before it moved the trigger. The old snapshot
 * lost its name then, so it is the one of its pipeline; of several, the one that was made from the same configuration.
 */
export function heirOf({ base }: Attachment, snapshots: readonly DiscoveredSnapshot[], target: string): DiscoveredSnapshot | undefined {
  const ofPipeline = snapshots.filter(({ pipelineId }) => pipelineId !== undefined && pipelineId === base.resources.pipeline?.id)
  const candidates = ofPipeline.length < 2 ? ofPipeline : ofPipeline.filter(({ record }) => Object.keys(configurationOnTop(base, record)).length === 0)
  const [only] = candidates
  return candidates.length === 1 && only !== undefined && carries(only.version, target) ? only : undefined
}

/** What was laid over the named snapshot when it was attached. Docker settings belong to its build and cannot be given again. */
function configurationOnTop(attached: HydratedSnapshot, base: HydratedSnapshot): JsonObject {
  const compared = (record: HydratedSnapshot) => recordedConfiguration(record, record.metadata.client_version ?? '').configuration
  return difference(compared(attached), compared(base))
}

async function isAttached(server: ZenmlServer, triggerId: string, to: DiscoveredSnapshot): Promise<boolean> {
  const attachments = await readAttachments(server, to.projectId)
  return attachments.some(({ trigger, base }) => trigger.id === triggerId && base.id === to.id)
}

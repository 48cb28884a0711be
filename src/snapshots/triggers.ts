import * as z from 'zod'
import type { JsonObject } from '../zenml-client/protocol.ts'
import { ApiError } from '../zenml/api-error.ts'
import { hydratedSnapshotSchema, triggerSchema, type HydratedSnapshot } from '../zenml/entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import type { DiscoveredSnapshot } from './discovered.ts'
import { difference } from './json.ts'
import type { TriggerMove } from '../state/local/trigger-moves.ts'
import { recordedConfiguration } from './recorded-configuration.ts'

// A trigger starts a snapshot by its id, so a rebuild takes it away from under it: ZenML 0.94.1
// leaves the trigger on the old snapshot,
// 0.98.0 detaches it without a word when the name is given to the new one. From 0.98.0 on a trigger
// starts an anonymous copy of the named snapshot, made when it was attached, with a run
// configuration laid over (`executable_snapshots`).

const triggerWithCopies = triggerSchema.extend({
  resources: z.looseObject({
    snapshots: z.array(z.looseObject({ id: z.string() })).default([]),
    executable_snapshots: z.array(z.looseObject({ id: z.string() })).nullish(),
  }),
})

/** One snapshot that one trigger starts. */
export interface Attachment {
  readonly triggerId: string
  readonly triggerName: string
  /** The named snapshot. */
  readonly snapshotId: string
  /** What really starts: the same, or the anonymous copy. */
  readonly startedId: string
}

/** All attachments of a project; empty on servers without triggers (before ZenML 0.94.0). */
export async function readAttachments(
  server: ZenmlServer,
  projectId: string,
): Promise<Attachment[]> {
  const triggers = await server
    .list('/triggers', triggerWithCopies, { project: projectId, hydrate: true })
    .catch((error: unknown) => {
      if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return []
      throw error
    })
  return triggers
    .filter(({ body }) => !body.is_archived)
    .flatMap(({ id, body, resources }) =>
      resources.snapshots.map((snapshot, index) => ({
        triggerId: id,
        triggerName: body.name,
        snapshotId: snapshot.id,
        startedId: resources.executable_snapshots?.[index]?.id ?? snapshot.id,
      })),
    )
}

/** What must be known to attach the trigger again once the snapshot was replaced. */
export async function planMove(
  server: ZenmlServer,
  attachment: Attachment,
  old: DiscoveredSnapshot,
): Promise<TriggerMove> {
  const { triggerId, triggerName, snapshotId, startedId } = attachment
  const runConfiguration =
    startedId === snapshotId
      ? null
      : configurationOnTop(
          await server.get(`/pipeline_snapshots/${startedId}`, hydratedSnapshotSchema),
          old.record,
        )
  return {
    'trigger-id': triggerId,
    'trigger-name': triggerName,
    snapshot: old.key,
    'old-id': old.id,
    'run-configuration': runConfiguration,
  }
}

/**
 * Lets the trigger start `to` and no longer the old snapshot. Can be done again. Returns a sentence
 * when the server refuses.
 */
export async function moveTrigger(
  server: ZenmlServer,
  move: TriggerMove,
  to: DiscoveredSnapshot,
): Promise<string | undefined> {
  const path = `/triggers/${move['trigger-id']}/pipeline_snapshots`
  try {
    await server.put(`${path}/${to.id}`, z.unknown(), move['run-configuration'], {
      allow_replace: true,
    })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // Done by an earlier run that was killed: ZenML 0.94.1 has no `allow_replace` and reports a
    // broken constraint.
    const attachments = await readAttachments(server, to.projectId)
    const isThere = attachments.some(
      ({ triggerId, snapshotId }) => triggerId === move['trigger-id'] && snapshotId === to.id,
    )
    if (!isThere)
      return `The trigger ${move['trigger-name']} does not start the new snapshot: ${error.detail}`
  }
  await server.delete(`${path}/${move['old-id']}`).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  })
  return undefined
}

/**
 * What was laid over the named snapshot when it was attached. Docker settings belong to its build
 * and cannot be given again.
 */
export function configurationOnTop(copy: HydratedSnapshot, named: HydratedSnapshot): JsonObject {
  const compared = (record: HydratedSnapshot) =>
    recordedConfiguration(record, named.metadata.client_version ?? '').configuration
  return difference(compared(copy), compared(named))
}

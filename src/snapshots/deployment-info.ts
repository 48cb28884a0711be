import * as z from 'zod'
import { parseJson } from '../core/json.ts'
import { ServerFailure } from '../http/server-failure.ts'
import { send } from '../http/http.ts'
import type { Machine } from '../runtime/runtime.ts'

/** What a deployment tells about itself to everyone (ZenML's deployers/server/models.py). */
const infoSchema = z.object({ snapshot: z.object({ id: z.string() }) })

/** It is near, or this machine has no way to it. */
const TIMEOUT_SECONDS = 5

/**
 * Asks a deployment which snapshot it serves. Undefined where nothing answers, or nothing that is a
 * deployment: its network may be closed to this machine, and settings of the pipeline may move the
 * address.
 */
export async function servedSnapshot(
  { url, status }: { readonly url: string | undefined; readonly status: string | undefined },
  machine: Machine,
): Promise<string | undefined> {
  if (url === undefined || status === 'absent' || !URL.canParse(url)) return undefined
  const address = new URL(`${url.replace(/\/+$/, '')}/info`)
  try {
    const reply = await send(
      { method: 'GET', url: address, timeoutSeconds: TIMEOUT_SECONDS },
      machine,
    )
    const info = infoSchema.safeParse(parseJson(reply.text))
    return reply.status === 200 && info.success ? info.data.snapshot.id : undefined
  } catch (error) {
    if (error instanceof ServerFailure) return undefined
    throw error
  }
}

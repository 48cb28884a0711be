import type { JsonObject } from '../zenml-client/protocol.ts'
import { isObject } from './json.ts'
import { carries } from './staleness.ts'

/** Image tags and requirement lines that name a ZenML version. */
const IMAGE = /(?:^|\/)zenml[\w-]*:v?(\d+(?:\.\d+)+\w*)/
const REQUIREMENT = /^zenml\s*(?:\[[^\]]*\])?\s*==\s*([\w.]+)/i

interface Unpinned {
  readonly settings: JsonObject
  /** What was left out, as written. */
  readonly pins: readonly string[]
}

/**
 * Docker settings without what pins another ZenML than the target: `parent_image` with such a tag,
 * and `zenml==…` among the requirements. ZenML installs no client of its own into a parent image,
 * so the build would name the target and the image would hold the old client.
 */
export function withoutPinnedClient(settings: JsonObject, target: string): Unpinned {
  const docker = settings['docker']
  if (!isObject(docker)) return { settings, pins: [] }
  const pins: string[] = []
  const kept: JsonObject = {}
  for (const [key, value] of Object.entries(docker)) {
    if (key === 'parent_image' && typeof value === 'string' && pinsAnother(IMAGE, value, target))
      pins.push(`parent_image ${value}`)
    else if (key === 'requirements' && Array.isArray(value)) {
      const pinned = value.filter(
        (line): line is string =>
          typeof line === 'string' && pinsAnother(REQUIREMENT, line, target),
      )
      pins.push(...pinned.map((line) => `requirement ${line}`))
      kept[key] = value.filter((line) => typeof line !== 'string' || !pinned.includes(line))
    } else kept[key] = value
  }
  return { settings: { ...settings, docker: kept }, pins }
}

function pinsAnother(pattern: RegExp, text: string, target: string): boolean {
  const version = pattern.exec(text.trim())?.[1]
  return version !== undefined && !carries(version, target)
}

import type { StackInventory } from '../../result/stacks.ts'
import { readStackInventory } from '../../stacks/inventory.ts'
import type { Workspace } from '../../session/session.ts'

/** The stacks of the server of this environment. @throws Stop for what could not be read */
export function readOwnStacks({ server, config, machine }: Workspace): Promise<StackInventory> {
  return readStackInventory({ server, projects: config.projects, now: () => machine.now() })
}

import type {
  InventoryComponent,
  InventoryStack,
  StackInventory,
} from '../../../src/result/stacks.ts'

// Inventories as a server would give them; a test changes only what it is about.

export function component(
  type: string,
  flavor: string,
  changes: Partial<InventoryComponent> = {},
): InventoryComponent {
  return {
    type,
    name: `${flavor}-${type}`,
    flavor,
    integration: flavor,
    'flavor-source': null,
    connector: null,
    configuration: [],
    ...changes,
  }
}

export const CLOUD: readonly InventoryComponent[] = [
  component('artifact_store', 's3', { configuration: ['path'] }),
  component('orchestrator', 'kubernetes', { configuration: ['kubernetes_context'] }),
]

export function stack(
  name: string,
  components: readonly InventoryComponent[] = CLOUD,
  inUse = true,
): InventoryStack {
  return { name, 'in-use': inUse, components: [...components] }
}

export function inventory(...stacks: readonly InventoryStack[]): StackInventory {
  return {
    'server-id': 'a',
    'server-version': '0.98.0',
    read: '2026-11-23T12:00:00.000Z',
    stacks: [...stacks],
  }
}

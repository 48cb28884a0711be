/** What servers tell for flavors that need no integration: ZenML's own, and the user's. */
const NO_INTEGRATION: readonly string[] = ['built-in', 'custom', 'default']

/** The ZenML integrations that the components need, sorted and each once. */
export function integrationsOf(
  components: readonly { readonly integration: string | null }[],
): string[] {
  const names = components
    .map(({ integration }) => integration)
    .filter((name) => name !== null && !NO_INTEGRATION.includes(name))
  return [...new Set(names as string[])].sort()
}

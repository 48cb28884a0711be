/**
 * Makes a value for a key at the first request and gives the same one to all later requests. A
 * failure is not kept: the next request tries again.
 */
export function remember<K, T>(
  known: Map<K, Promise<T>>,
  key: K,
  make: () => Promise<T>,
): Promise<T> {
  const before = known.get(key)
  if (before !== undefined) return before
  const made = make()
  known.set(key, made)
  made.catch(() => known.delete(key))
  return made
}

/** Returns a function that makes a value at its first call, as {@link remember} does. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  const known = new Map<undefined, Promise<T>>()
  return () => remember(known, undefined, make)
}

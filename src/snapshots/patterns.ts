import picomatch from 'picomatch'

/**
 * Tells if a pattern such as `churn-*` is meant for a snapshot. Patterns are for names; one with a
 * slash is for pipeline/name or project/pipeline/name. `*` stands for any text, a slash included,
 * because names may hold one.
 */
export function matches(
  pattern: string,
  {
    project,
    pipeline,
    name,
  }: { readonly project: string; readonly pipeline: string; readonly name: string },
): boolean {
  const is = picomatch(pattern, { bash: true, dot: true, noextglob: true })
  const candidates = pattern.includes('/')
    ? [name, `${pipeline}/${name}`, `${project}/${pipeline}/${name}`]
    : [name]
  return candidates.some((candidate) => candidate === pattern || is(candidate))
}

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
  const candidates = pattern.includes('/')
    ? [name, `${pipeline}/${name}`, `${project}/${pipeline}/${name}`]
    : [name]
  return candidates.some((candidate) => fits(pattern, candidate))
}

/** Without a regular expression: a pattern of many stars must not take exponential time. */
function fits(pattern: string, text: string): boolean {
  const [start = '', ...rest] = pattern.split('*')
  const end = rest.pop()
  if (end === undefined) return text === pattern
  if (text.length < start.length + end.length) return false
  if (!text.startsWith(start) || !text.endsWith(end)) return false
  const middle = text.slice(start.length, text.length - end.length)
  let from = 0
  for (const part of rest) {
    const at = middle.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return true
}

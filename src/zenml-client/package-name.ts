/** The normalised name of the package that a requirement asks for. */
export function packageName(requirement: string): string {
  const [name = ''] = /^\s*[\w.-]+/.exec(requirement) ?? []
  return name
    .trim()
    .replaceAll(/[-_.]+/g, '-')
    .toLowerCase()
}

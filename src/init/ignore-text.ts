/** Folders that belong to a run and not to the repository. */
const FOLDERS = ['.zenml-upgrade', 'zenml-upgrade-report'] as const

/** What to append to a `.gitignore` with this text; empty when nothing is missing. */
export function missingIgnores(text: string): string {
  const known = text.split('\n').map((line) => line.trim().replace(/^\//, '').replace(/\/$/, ''))
  const missing = FOLDERS.filter((folder) => !known.includes(folder)).map(
    (folder) => `${folder}/\n`,
  )
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  return missing.length === 0 ? '' : `${separator}${missing.join('')}`
}

import { Stop } from '../core/stop.ts'
import { tail } from '../runtime/process.ts'
import { execGit } from './git.ts'

/**
 * The difference between a file and another text for it, as hunks of a unified diff without the
 * lines that name the files; empty when there is none. The repository's configuration of git does
 * not count.
 * @throws Stop `invalid-input` where git cannot read the file.
 */
export async function diffTo(file: string, text: string): Promise<string[]> {
  const { exitCode, stdout, stderr } = await execGit(
    ['diff', '--no-index', '--no-color', '--no-ext-diff', '--no-textconv', '--', file, '-'],
    text,
  )
  if (exitCode > 1)
    throw new Stop('invalid-input', `git diff failed for ${file}: ${tail(stderr, 3).join(' ')}`, {
      next: 'Update git to version 2.25 or newer.',
    })
  const lines = stdout.trimEnd().split('\n')
  const first = lines.findIndex((line) => line.startsWith('@@'))
  return first < 0 ? [] : lines.slice(first)
}

import { visible } from '../core/text.ts'
import { withoutKeys } from './secrets.ts'

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  /** Relative to the root of the repository; null: it belongs to no file. */
  readonly file: string | null
  readonly line: number | null
  readonly message: string
}

/** Marks lines of the repository on GitHub's pages; elsewhere nothing. */
export async function annotate(
  env: Readonly<Record<string, string | undefined>>,
  annotations: readonly Annotation[],
): Promise<void> {
  if (env['GITHUB_ACTIONS'] !== 'true' || annotations.length === 0) return
  const toolkit = await import('./toolkit-annotations.ts')
  for (const { level, file, line, message } of annotations) {
    toolkit[level](withoutKeys(visible(message), 'an annotation'), {
      ...(file === null ? {} : { file }),
      ...(line === null ? {} : { startLine: line }),
    })
  }
}

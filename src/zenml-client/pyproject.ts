import { parse } from 'smol-toml'
import * as z from 'zod'

const project = z.looseObject({
  project: z.looseObject({ dependencies: z.array(z.string()).prefault([]) }).optional(),
})

/**
 * The requirements in `[project]` of a `pyproject.toml`; none where its text is no such file, which
 * uv reports when it installs it.
 */
export function projectDependencies(text: string): string[] {
  try {
    return project.parse(parse(text)).project?.dependencies ?? []
  } catch {
    return []
  }
}

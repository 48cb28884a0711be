import * as z from 'zod'
import type { Project } from '../zenml/entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'

/** Not hydrated: the configuration may hold a token. */
const codeRepositorySchema = z.looseObject({
  id: z.string(),
  body: z.looseObject({ source: z.looseObject({ module: z.string() }) }),
})

/**
 * ZenML integrations that the registered code repositories need, sorted. A client without one of
 * them passes over that repository in silence, and makes snapshots without a code reference.
 */
export async function integrationsOfCodeRepositories(
  server: ZenmlServer,
  projects: readonly Project[],
): Promise<string[]> {
  const found = (
    await Promise.all(
      projects.map(({ id }) =>
        server.list('/code_repositories', codeRepositorySchema, { project: id }),
      ),
    )
  ).flat()
  const names = found.flatMap(
    ({ body: { source } }) => /^zenml\.integrations\.(\w+)\./.exec(source.module)?.[1] ?? [],
  )
  return [...new Set(names)].sort()
}

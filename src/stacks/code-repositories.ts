import * as z from 'zod'
import type { RepositoryName } from '../git/repository-name.ts'
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

/** Stripped to what is named: the rest of the configuration may be a token. */
const configuredRepositorySchema = z.object({
  id: z.string(),
  name: z.string(),
  metadata: z.object({
    config: z.object({
      owner: z.string().nullish(),
      repository: z.string().nullish(),
      group: z.string().nullish(),
      project: z.string().nullish(),
      host: z.string().nullish(),
    }),
  }),
})

/** A code repository that a server has. */
export interface CodeRepository {
  readonly id: string
  readonly name: string
  /**
   * The repository, as ZenML's integrations of GitHub and GitLab record it; undefined for one of
   * another kind.
   */
  readonly repository: RepositoryName | undefined
}

/** Reads the registered code repositories of projects, by the ids of the projects. */
export async function registeredCodeRepositories(
  server: Pick<ZenmlServer, 'list'>,
  projectIds: readonly string[],
): Promise<CodeRepository[]> {
  const lists = await Promise.all(
    projectIds.map((project) =>
      server.list('/code_repositories', configuredRepositorySchema, { project, hydrate: true }),
    ),
  )
  return lists.flat().map(({ id, name, metadata: { config } }) => ({
    id,
    name,
    repository:
      named(config.host, config.owner, config.repository) ??
      named(config.host, config.group, config.project),
  }))
}

function named(
  host: string | null | undefined,
  owner: string | null | undefined,
  name: string | null | undefined,
): RepositoryName | undefined {
  return owner == null || name == null
    ? undefined
    : { host: host ?? undefined, path: `${owner}/${name}` }
}

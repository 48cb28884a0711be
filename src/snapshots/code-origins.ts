import { join } from 'node:path'
import type { Source } from '../config/schema.ts'
import { remember } from '../core/once.ts'
import type { RepositoryName } from '../git/repository-name.ts'
import { githubServer } from '../github/context.ts'
import { exists } from '../runtime/files.ts'
import { registeredCodeRepositories } from '../stacks/code-repositories.ts'
import { sourceOfPipeline } from './blueprint.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { CodeOrigin } from './find-source.ts'
import type { UndecidedSnapshot } from './select.ts'

type OriginDeps = Pick<SnapshotsDeps, 'machine' | 'server' | 'sourceRoot' | 'thisRepository'>

/**
 * Reads what tells the sources of snapshots that no pattern names: the code repositories of the
 * server, and the files of the sources. By the keys of the snapshots.
 * @throws Stop `source-unreachable`, `source-missing`
 */
export async function codeOrigins(
  deps: OriginDeps,
  undecided: readonly UndecidedSnapshot[],
): Promise<ReadonlyMap<string, CodeOrigin>> {
  const repositories = await referencedRepositories(deps, undecided)
  const thisRepository = await deps.thisRepository()
  const hostOfSources = new URL(githubServer(deps.machine.env)).hostname
  const found = new Map<string, Promise<boolean>>()
  const holds = (source: Source, module: string) =>
    remember(found, `${source.name} ${module}`, async () =>
      hasModule((await deps.sourceRoot(source)).directory, module),
    )
  const origins = new Map<string, CodeOrigin>()
  for (const { snapshot, declaration, sources } of undecided) {
    const code = sourceOfPipeline(snapshot.record, declaration)
    const module = 'why' in code ? undefined : code.source.slice(0, code.source.lastIndexOf('.'))
    const holders: string[] = []
    for (const source of module === undefined ? [] : sources)
      if (await holds(source, module ?? '')) holders.push(source.name)
    const reference = snapshot.record.resources.code_reference?.body
    const repository = repositories.get(reference?.code_repository?.id ?? '')
    origins.set(snapshot.key, {
      module,
      reference:
        reference == null || repository === undefined
          ? undefined
          : { repository, subdirectory: reference.subdirectory },
      thisRepository,
      host: hostOfSources,
      holders,
    })
  }
  return origins
}

/** The repositories of the code repositories that the code references name, by their ids. */
async function referencedRepositories(
  { server }: OriginDeps,
  undecided: readonly UndecidedSnapshot[],
): Promise<ReadonlyMap<string, RepositoryName>> {
  const projects = undecided
    .filter(({ snapshot }) => snapshot.record.resources.code_reference?.body != null)
    .map(({ snapshot }) => snapshot.projectId)
  const registered = await registeredCodeRepositories(server, [...new Set(projects)])
  return new Map(
    registered.flatMap(({ id, repository }) =>
      repository === undefined ? [] : [[id, repository]],
    ),
  )
}

/** Whether a module can be imported from a source root: as a file, or as a package. */
async function hasModule(root: string, module: string): Promise<boolean> {
  const path = join(root, ...module.split('.'))
  return (await exists(`${path}.py`)) || exists(join(path, '__init__.py'))
}

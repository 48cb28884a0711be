import type { CheckedBuilds, ConfiguredPipeline } from '../zenml-client/job-values.ts'
import type { StackDefinition } from '../zenml-client/protocol.ts'
import type { Problem } from './blueprint.ts'

type PlannedBuild = ConfiguredPipeline['plannedBuild']
type Push = CheckedBuilds['pushes'][number]

/** What checking where images are built came to: why none can be, or what is not known. */
export interface BuildVerdict {
  readonly problem: Problem | undefined
  readonly notes: readonly string[]
}

/** Where the setup action of a repository is, which logs in to registries on GitHub. */
const SETUP_ACTION = '.github/actions/zenml-upgrade-setup/action.yml'

/** Whether a rebuild makes images with the container engine of this machine. Pure. */
export function buildsHere(planned: PlannedBuild, { components }: StackDefinition): boolean {
  const builders = components.filter(({ type }) => type === 'image_builder')
  // ZenML gives a stack without an image builder the local one.
  const isLocal = builders.every(({ flavor }) => flavor === 'local')
  return planned !== null && planned.images.length > 0 && isLocal
}

/**
 * The repositories to ask about, each once; none where the stack has no registry, and none of a
 * custom flavor: reading its login would run its code with the key of the server.
 */
export function repositoriesOf(
  images: readonly string[],
  { components }: StackDefinition,
): { readonly repositories: string[]; readonly notes: string[] } {
  const registry = components.find(({ type }) => type === 'container_registry')
  if (registry === undefined) return { repositories: [], notes: [] }
  const note = `Whether this machine may push to the container registry ${registry.name}: its flavor is custom.`
  return registry.flavorSource === null
    ? { repositories: [...new Set(images.map(withoutTag))].sort(), notes: [] }
    : { repositories: [], notes: [note] }
}

function withoutTag(image: string): string {
  return image.slice(0, image.lastIndexOf(':'))
}

/** Judges what a check of builds found out, before the first one begins. Pure. */
export function judgeBuilds(
  { engineProblem, pushes }: CheckedBuilds,
  about: { readonly stack: string; readonly target: string },
): BuildVerdict {
  if (engineProblem !== null) return { problem: noEngine(engineProblem, about), notes: [] }
  const denied = pushes.find(({ verdict }) => verdict === 'denied')
  return {
    problem: denied === undefined ? undefined : noPermission(denied, about.stack),
    notes: pushes.flatMap(notAsked),
  }
}

function noEngine(
  problem: string,
  { stack, target }: { readonly stack: string; readonly target: string },
): Problem {
  return {
    message: `Its image is built on this machine, and ZenML ${target} has no container engine here: ${problem}`,
    next: `Start Docker or Podman on this machine (old releases of ZenML use Docker alone); or give the stack ${stack} an image builder that builds elsewhere, such as kaniko, gcp or aws; or name an image with ZenML ${target} as \`parent_image\` with \`skip_build: true\` in the docker settings. Else exclude the snapshot.`,
  }
}

function noPermission({ repository, detail, login }: Push, stack: string): Problem {
  const host = repository.split('/')[0] ?? repository
  const used =
    login === null || login === 'no login'
      ? 'This machine has no login for it.'
      : `The login is that of ${login}.`
  return {
    message: `Its image cannot be pushed: ${host} refuses ${repository} (${detail}). ${used}`,
    next: `Log in with \`docker login ${host}\`, on GitHub in ${SETUP_ACTION}, or renew the login of the container registry of the stack ${stack}; the login needs the right to push there.`,
  }
}

function notAsked({ verdict, repository, detail }: Push): string[] {
  switch (verdict) {
    case 'allowed':
    case 'denied':
      return []
    case 'not-asked':
      return [`Whether this machine may push to ${repository}: ${detail}.`]
    case 'unreachable':
      return [
        `Whether this machine may push to ${repository}: the registry did not answer this process, and may answer the container engine (${detail}).`,
      ]
  }
}

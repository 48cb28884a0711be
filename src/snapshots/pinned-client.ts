import { zenmlRequirements } from '../zenml-client/requirement-files.ts'
import type { JsonObject } from '../zenml-client/protocol.ts'
import type { Build, HydratedSnapshot } from '../zenml/entities.ts'
import type { DockerFile } from './docker-files.ts'
import { isObject, objectAt } from './json.ts'
import { carries } from './versions.ts'

/** What puts another ZenML than the target into the image of a snapshot. */
export interface Pin {
  readonly kind: PinKind
  /** As written: an image or a requirement. */
  readonly text: string
  /** File that holds it, as the docker settings name it. */
  readonly path?: string
}

type PinKind =
  | 'requirement'
  | 'requirement-address'
  | 'file'
  | 'parent-image'
  | 'unchanged-image'
  | 'built-image'

/** What is done about a pin of each kind; `raised` ones are carried over with the target. */
const DECISIONS: Readonly<
  Record<PinKind, { raised: boolean; describe: (pin: Pin) => string; next: string }>
> = {
  requirement: {
    raised: true,
    describe: ({ text }) => `the requirement ${text}`,
    next: 'Raise the requirement',
  },
  'requirement-address': {
    raised: false,
    describe: ({ text }) => `the requirement ${text}, which installs ZenML from an address`,
    next: 'Require a release of ZenML instead of an address',
  },
  file: {
    raised: false,
    describe: ({ text, path }) => `${text} in the file ${path ?? ''}`,
    next: 'Raise the version in that file',
  },
  'parent-image': {
    raised: false,
    describe: ({ text }) => `parent_image ${text}`,
    next: 'Name an image of the new ZenML',
  },
  'unchanged-image': {
    raised: false,
    describe: ({ text }) => `parent_image ${text}, which is used as it is (skip_build)`,
    next: 'Build the image with the new ZenML and name its digest',
  },
  'built-image': {
    raised: false,
    describe: ({ text }) => `its image was built with ${text}`,
    next: 'Change what the image is built from',
  },
}

/** Image tags that name a ZenML version: `zenmldocker/zenml:0.94.1-py3.11`, `acme/base:zenml-0.94.1`. */
const IMAGE = /(?:(?:^|\/)zenml[\w-]*:v?|:[\w.-]*zenml[-_]?v?)(\d+(?:\.\d+)+\w*)/i
const DIGEST = /@sha256:[0-9a-f]+/i

export function describePin(pin: Pin): string {
  return DECISIONS[pin.kind].describe(pin)
}

/** What to do about a pin, without a full stop. */
export function remedyOf(pin: Pin): string {
  return DECISIONS[pin.kind].next
}

export interface CarriedSettings {
  readonly settings: JsonObject
  /** What was raised or left out. */
  readonly pins: readonly (Pin & { readonly raised: boolean })[]
}

/**
 * Settings as a rebuild carries them over: a requirement of another ZenML is raised to the target, and
 * a parent image of another ZenML is left to the code.
 */
export function carriedSettings(settings: JsonObject, target: string): CarriedSettings {
  const docker = settings['docker']
  if (!isObject(docker)) return { settings, pins: [] }
  const pins = [...dockerPins(docker, target, []), ...fixedImage(docker)].map((pin) => ({
    ...pin,
    raised: DECISIONS[pin.kind].raised,
  }))
  const dropsImage = pins.some(({ kind }) => kind === 'parent-image' || kind === 'unchanged-image')
  const kept: JsonObject = {}
  for (const [key, value] of Object.entries(docker)) {
    // ZenML refuses `skip_build` without an image.
    if (dropsImage && (key === 'parent_image' || key === 'skip_build')) continue
    kept[key] =
      key === 'requirements' && Array.isArray(value)
        ? value.map((line) => (typeof line === 'string' ? raised(line, target) : line))
        : value
  }
  return { settings: { ...settings, docker: kept }, pins }
}

/** A requirement with the target in place of another ZenML; extras and markers stay. */
function raised(line: string, target: string): string {
  if (requirementPin(line, target)?.kind !== 'requirement') return line
  const { name, marker } = partsOf(line)
  return `${name}==${target}${marker === '' ? '' : ` ${marker}`}`
}

/** A requirement of ZenML: its name with its extras, and its marker with the semicolon. */
function partsOf(line: string): { readonly name: string; readonly marker: string } {
  const [, name = '', marker = ''] = /^\s*(zenml\s*(?:\[[^\]]*\])?)[^;]*(;.*)?$/i.exec(line) ?? []
  return { name: name.replaceAll(/\s/g, ''), marker }
}

/** What all settings of a record put into the image, each pin once; `files` are what they name. */
export function pinsOfSettings(
  record: Pick<HydratedSnapshot['metadata'], 'pipeline_configuration'> & {
    readonly step_configurations: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  },
  target: string,
  files: readonly DockerFile[] = [],
): Pin[] {
  const pins = dockerSettingsOf(record).flatMap((docker) => dockerPins(docker, target, files))
  return [...new Map(pins.map((pin) => [describePin(pin), pin])).values()]
}

/** Docker settings of a pipeline and of its steps, with those that the steps inherit. */
export function dockerSettingsOf(record: {
  readonly pipeline_configuration: JsonObject
  readonly step_configurations: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}): JsonObject[] {
  const owners = [
    record.pipeline_configuration,
    ...Object.values(record.step_configurations).map(({ config }) => config),
  ]
  return owners.flatMap((owner) => {
    const docker = isObject(owner) ? objectAt(owner, 'settings')['docker'] : undefined
    return isObject(docker) ? [docker] : []
  })
}

/** What is in the images of a build besides the target. */
export function pinsOfBuild(build: Build | null, target: string): Pin[] {
  const images = Object.values(build?.metadata.images ?? {})
  return images.flatMap(({ requirements, dockerfile }) => {
    const lines = (requirements ?? '').split('\n').flatMap((line) => {
      const pin = requirementPin(line, target)
      return pin === undefined ? [] : [pin.text]
    })
    const from = (/^FROM\s+(\S+)/im.exec(dockerfile ?? '') ?? [])[1]
    const texts = [...lines, ...(from !== undefined && namesAnother(from, target) ? [from] : [])]
    return texts.map((text) => ({ kind: 'built-image' as const, text }))
  })
}

/** The image that is used as it is and did not change, so that it holds the old ZenML still. */
export function unchangedImages(
  recorded: readonly JsonObject[],
  now: readonly JsonObject[],
): Pin[] {
  const before = recorded.flatMap(fixedImage).map(({ text }) => text)
  const pins = now.flatMap(fixedImage).filter(({ text }) => before.includes(text))
  return [...new Map(pins.map((pin) => [pin.text, pin])).values()]
}

/** Images that are used as they are and whose names do not say which ZenML is in them. */
export function unknownImages(settings: readonly JsonObject[]): string[] {
  const images = settings.flatMap(({ parent_image: image, skip_build: skips }) =>
    skips === true && typeof image === 'string' && !IMAGE.test(image) ? [image] : [],
  )
  return [...new Set(images)]
}

/** Settings with every version of ZenML and every digest taken out: what a rebuild may renew. */
export function withoutVersions(docker: JsonObject): JsonObject {
  const { parent_image: image, requirements } = docker
  return {
    ...docker,
    ...(typeof image === 'string' ? { parent_image: imageWithoutVersion(image) } : {}),
    ...(Array.isArray(requirements)
      ? {
          requirements: requirements.map((line) =>
            typeof line === 'string' && requirementPin(line, NO_VERSION)?.kind === 'requirement'
              ? partsOf(line).name
              : line,
          ),
        }
      : {}),
  }
}

/** Older than every release, so that each requirement with a version excludes it. */
const NO_VERSION = '0.dev0'

function imageWithoutVersion(image: string): string {
  return image
    .replace(DIGEST, '')
    .replace(IMAGE, (tag, version: string) => tag.slice(0, -version.length))
}

function dockerPins(docker: JsonObject, target: string, files: readonly DockerFile[]): Pin[] {
  const { parent_image: image, requirements } = docker
  const inFiles = files.flatMap(({ path, settings, lines }) =>
    docker[settings] === path ? lines.flatMap((text) => pinOfLine(text, path, target)) : [],
  )
  const lines = Array.isArray(requirements) ? requirements : []
  return [
    ...(typeof image === 'string' && namesAnother(image, target)
      ? [{ kind: 'parent-image' as const, text: image }]
      : []),
    ...lines.flatMap((line) =>
      typeof line === 'string' ? (requirementPin(line, target) ?? []) : [],
    ),
    ...inFiles,
  ]
}

function pinOfLine(text: string, path: string, target: string): Pin[] {
  const pinned = requirementPin(text, target) !== undefined || namesAnother(text, target)
  return pinned ? [{ kind: 'file', text: text.trim(), path }] : []
}

/** An image by its digest that ZenML does not build upon. */
function fixedImage({ parent_image: image, skip_build: skips }: JsonObject): Pin[] {
  return typeof image === 'string' && skips === true && DIGEST.test(image)
    ? [{ kind: 'unchanged-image', text: image }]
    : []
}

function requirementPin(line: string, target: string): Pin | undefined {
  const [found] = zenmlRequirements([{ path: '', content: line }], target)
  if (found === undefined || found.allows) return undefined
  return { kind: line.includes('@') ? 'requirement-address' : 'requirement', text: found.line }
}

function namesAnother(image: string, target: string): boolean {
  const version = IMAGE.exec(image.trim())?.[1]
  return version !== undefined && !carries(version, target)
}

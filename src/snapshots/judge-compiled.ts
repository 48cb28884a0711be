import type { ConfiguredPipeline } from '../zenml-client/job-values.ts'
import type { Problem } from './blueprint.ts'
import {
  asSnapshot,
  describeDifferences,
  describePath,
  differences,
  explain,
  varying,
  type Difference,
  type Reasons,
} from './compare-records.ts'
import type { SelectedSnapshot } from './discovered.ts'
import type { DockerFile } from './docker-files.ts'
import {
  describePin,
  dockerSettingsOf,
  pinsOfSettings,
  remedyOf,
  unchangedImages,
  unknownImages,
  type Pin,
} from './pinned-client.ts'
import { carries } from './versions.ts'

/** What is known about a pipeline that was compiled with the target's client. */
export interface Compiled {
  readonly value: ConfiguredPipeline
  /** Files that its docker settings name, and those of them that cannot be read. */
  readonly files: readonly DockerFile[]
  readonly unreadable: readonly string[]
  readonly reasons: Omit<Reasons, 'ofCode'>
  /** Component types of the stack whose flavor is custom; planning may have left them out. */
  readonly customTypes: readonly string[]
  readonly configPath: string | null
  readonly target: string
}

/** What a snapshot that can be compiled will come to: why it must not be made, or what to report. */
export interface CompiledVerdict {
  readonly problem: Problem | undefined
  readonly notes: readonly string[]
  /** Whether it differs from the record because the code changed since. */
  readonly changedByCode: boolean
}

/** Judges before anything is created whether the rebuilt snapshot will be the old one. Pure. */
export function judgeCompiled({ snapshot }: SelectedSnapshot, compiled: Compiled): CompiledVerdict {
  const { value, files, unreadable, reasons, target } = compiled
  const { records } = value
  if (records === null) return { problem: undefined, notes: [], changedByCode: false }
  const docker = dockerSettingsOf(records.compiled)
  const isOld = !carries(snapshot.version, target)
  const pins = [
    ...pinsOfSettings(records.compiled, target, files),
    ...(isOld ? unchangedImages(dockerSettingsOf(records.recorded), docker) : []),
  ]
  const compiledRecord = asSnapshot(records.compiled)
  const ofCode = records.ofCode === null ? null : asSnapshot(records.ofCode)
  const found = differences(asSnapshot(records.recorded), compiledRecord)
  const { unexplained, explained, byCode } = explain(
    found.filter((difference) => isMeasured(difference, compiled)),
    { ...reasons, ofCode },
  )
  return {
    problem:
      pinProblem(pins, compiled) ??
      (snapshot.record.body.runnable && losesBuild(value) ? LOST_BUILD : undefined) ??
      differenceProblem(unexplained, varying(unexplained, compiledRecord, ofCode)),
    changedByCode: byCode,
    notes: [
      ...explained,
      ...unreadable.map(
        (path) => `Which ZenML the file ${path} puts into the image: it cannot be read.`,
      ),
      ...unknownImages(docker).map(
        (image) => `Which ZenML is in the image ${image}, which is used as it is.`,
      ),
    ],
  }
}

function losesBuild({ buildsImage, isStackComplete }: ConfiguredPipeline): boolean {
  return isStackComplete && buildsImage === false
}

const LOST_BUILD: Problem = {
  message:
    'A server can run it, and could not run it after the rebuild: its build was part of the configuration it was made with, and its stack builds no image.',
  next: 'Declare a `config` with that `build` (of the new client) for the snapshot, or exclude it.',
}

/** Why a rebuilt snapshot is not the old one any more. */
function differenceProblem(
  unexplained: readonly Difference[],
  varied: readonly Difference[],
): Problem | undefined {
  if (unexplained.length === 0) return undefined
  const message = `The rebuilt snapshot would be another one. ${describeDifferences(unexplained)}.`
  const [first] = varied
  if (first === undefined)
    return {
      message,
      next: 'Rebuild it from the code it was made from, declare a `config` for it, or create it once by hand from the new code.',
    }
  const others = varied.length === 1 ? '' : ` and ${varied.length - 1} more`
  return {
    message: `${message} The code gives another value each time it is compiled for ${describePath(first.path)}${others}.`,
    next: 'Declare a `config` for it: then the code and that file decide, whatever was recorded. A fixed value or seed in the code makes every rebuild the same.',
  }
}

function pinProblem(
  pins: readonly Pin[],
  { value, configPath, target }: Compiled,
): Problem | undefined {
  const [first] = pins
  if (first === undefined) return undefined
  const where = [value.file, ...(configPath === null ? [] : [configPath])].join(' or ')
  return {
    message: `Its image would hold another ZenML than ${target}: ${pins.map(describePin).join(', ')}.`,
    next: `${remedyOf(first)}: see ${first.path ?? where} and what it imports.`,
  }
}

/** Planning compiles without secrets, and without components whose code is not in the source. */
function isMeasured({ path, now }: Difference, { value, customTypes }: Compiled): boolean {
  if (path.includes('secrets')) return false
  if (value.isStackComplete) return true
  if (path.at(-1) === 'enable_heartbeat') return false
  const type = path[path.indexOf('settings') + 1] ?? ''
  return !(path.includes('settings') && now === undefined && customTypes.includes(type))
}

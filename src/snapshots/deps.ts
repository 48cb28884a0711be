import type { RepositoryName } from '../git/repository-name.ts'
import type { ClientEnvironment } from '../zenml-client/environment.ts'
import type { ForkServer } from '../zenml-client/fork-server.ts'
import type { StackDefinition } from '../zenml-client/protocol.ts'
import type { Environment } from '../core/environments.ts'
import type { Config, Source } from '../config/schema.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import type { KnownSeconds, Shard } from './shard.ts'
import type { TriggerMoves } from '../state/local/trigger-moves.ts'

/** Where the code of a source is on this machine. */
export interface SourceRoot {
  /** Absolute: the ZenML source root, `path` included. */
  readonly directory: string
  /** The commit that is checked out there; undefined when it is no Git checkout. */
  readonly commit: string | undefined
  /** What the checkout lacks, as sentences: submodules, and files of Git LFS. */
  readonly missing?: readonly string[]
  /** Why ZenML uses no code repository for the checkout, as a clause. */
  readonly notPushed?: string | undefined
}

/** Where the code of a snapshot was when it was made. */
export interface RecordedCode {
  /** Full commit id. */
  readonly commit: string
  /** The ZenML source root, relative to the repository. */
  readonly subdirectory: string
}

/** Why code cannot be had, and what to do about it. */
export interface MissingCode {
  readonly message: string
  readonly next: string
}

/** What a client environment is prepared for. */
export interface ClientNeeds {
  readonly source: Source
  readonly root: SourceRoot
  /** `X.Y`. */
  readonly python: string
  /** ZenML integrations of all stacks that are used with it, sorted. */
  readonly integrations: readonly string[]
  /** Planning compiles against a local store, which needs more of ZenML installed. */
  readonly planning: boolean
}

export interface Stack {
  readonly definition: StackDefinition
  readonly integrations: readonly string[]
}

/** Everything the room needs from outside. */
export interface SnapshotsDeps {
  readonly machine: Machine
  readonly server: ZenmlServer
  readonly file: Pick<
    Config,
    'projects' | 'sources' | 'snapshots' | 'exclude' | 'execute' | 'deployments'
  >
  readonly environment: Environment
  /**
   * The version every snapshot shall carry: of the live server, or in planning the one it will be
   * upgraded to.
   */
  readonly target: string
  readonly sourceRoot: (source: Source) => Promise<SourceRoot>
  /** The same at the commit that a snapshot was made from, or why it cannot be had. */
  readonly recordedRoot: (source: Source, code: RecordedCode) => Promise<SourceRoot | MissingCode>
  /** The repository with the configuration file; undefined where it is not known. */
  readonly thisRepository: () => Promise<RepositoryName | undefined>
  /** The live stack of this id; undefined when it was deleted. */
  readonly stack: (id: string) => Promise<Stack | undefined>
  /** Makes an environment with the client of the target version. */
  readonly prepareClient: (needs: ClientNeeds) => Promise<ClientEnvironment>
  readonly startForkServer: (environment: ClientEnvironment) => Promise<ForkServer>
  /**
   * Environment of every job: ZENML_STORE_URL and ZENML_STORE_API_KEY, and what the user's code
   * needs.
   */
  readonly jobVariables: Readonly<Record<string, string>>
  readonly triggerMoves: TriggerMoves
  /** Absolute; every job writes what it prints into a file below. */
  readonly logDirectory: string
  readonly shard: Shard | undefined
  /** What the record says of earlier attempts; every shard of one attempt sees the same. */
  readonly knownSeconds: KnownSeconds
  /** Jobs and runs at the same time. */
  readonly parallel: number
  /**
   * How many named snapshots an earlier record says there are; null when there is no such record.
   */
  readonly baseline: number | null
  /** By the id of a snapshot, the id of the one that a recorded rebuild replaced by it. */
  readonly predecessors: ReadonlyMap<string, string>
  /** What an earlier rebuild made and is not what it was: why, by the id of the snapshot. */
  readonly changed: ReadonlyMap<string, string>
  /** Keys of snapshots that earlier rebuilds replaced, by the id that each had before. */
  readonly replaced: ReadonlyMap<string, string>
}

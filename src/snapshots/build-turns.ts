/** A build that failed for a reason that every build of its key shares. */
export interface BrokenBuild {
  /** Of the snapshot that tried it. */
  readonly snapshot: string
  readonly error: string
}

/** How the first build of a key ended. `unknown` says nothing about the next one. */
export type BuildEnding = 'built' | 'unknown' | BrokenBuild

/** The turn of one snapshot, or the build that failed before it. */
export type BuildTurn =
  | { readonly kind: 'begin'; readonly finish: (ending: BuildEnding) => void }
  | { readonly kind: 'broken'; readonly by: BrokenBuild }

/**
 * Lets one snapshot of each key build alone. The others wait for it: ZenML reuses a build only when
 * it is registered, so that all would build the same images at the same time.
 */
export class BuildTurns {
  readonly #builds = new Map<string, Promise<BuildEnding>>()

  /** Resolves when the snapshot may begin. A key of null waits for no one. */
  async next(key: string | null): Promise<BuildTurn> {
    if (key === null) return { kind: 'begin', finish: () => undefined }
    for (;;) {
      const build = this.#builds.get(key)
      if (build === undefined) return this.#first(key)
      const ending = await build
      if (ending === 'built') return { kind: 'begin', finish: () => undefined }
      if (ending !== 'unknown') return { kind: 'broken', by: ending }
      // Of those that waited, the first one takes its place.
      if (this.#builds.get(key) === build) this.#builds.delete(key)
    }
  }

  #first(key: string): BuildTurn {
    let finish: (ending: BuildEnding) => void = () => undefined
    this.#builds.set(
      key,
      new Promise((resolve) => {
        finish = resolve
      }),
    )
    return { kind: 'begin', finish }
  }
}

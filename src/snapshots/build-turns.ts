/** A build that failed. */
export interface BrokenBuild {
  /** Of the snapshot that tried it. */
  readonly snapshot: string
  readonly error: string
  /** Every build of its key fails for the same reason; else the next one may work. */
  readonly isCertain: boolean
}

/** How the first build of a key ended. `unknown` says nothing about the build. */
export type BuildEnding = 'built' | 'unknown' | BrokenBuild

/** Uncertain failures after which a build is not tried again: each may have taken an hour. */
const MOST_TRIES = 2

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
  /** Failed builds by key. */
  readonly #failures = new Map<string, number>()

  /** Resolves when the snapshot may begin. A key of null waits for no one. */
  async next(key: string | null): Promise<BuildTurn> {
    if (key === null) return { kind: 'begin', finish: () => undefined }
    for (;;) {
      const build = this.#builds.get(key)
      if (build === undefined) return this.#first(key)
      const ending = await build
      if (ending === 'built') return { kind: 'begin', finish: () => undefined }
      if (ending !== 'unknown' && this.#isLast(key, ending)) return { kind: 'broken', by: ending }
      // Of those that waited, the first one takes its place.
      if (this.#builds.get(key) === build) this.#builds.delete(key)
    }
  }

  #isLast(key: string, { isCertain }: BrokenBuild): boolean {
    return isCertain || (this.#failures.get(key) ?? 0) >= MOST_TRIES
  }

  #first(key: string): BuildTurn {
    let finish: (ending: BuildEnding) => void = () => undefined
    this.#builds.set(
      key,
      new Promise((resolve) => {
        finish = (ending) => {
          if (typeof ending !== 'string')
            this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1)
          resolve(ending)
        }
      }),
    )
    return { kind: 'begin', finish }
  }
}

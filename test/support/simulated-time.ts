interface Sleeper {
  readonly wakes: number
  readonly wake: () => void
}

/**
 * Time that moves only while everyone who lives in it sleeps, and then to the next one who wakes.
 * What happens at one moment happens in the order in which the sleepers went to sleep.
 */
export class SimulatedTime {
  #now: number
  #awake = 0
  #sleepers: Sleeper[] = []
  readonly #onMove: (now: Date) => void

  constructor(start: Date, onMove: (now: Date) => void) {
    this.#now = start.getTime()
    this.#onMove = onMove
  }

  get now(): Date {
    return new Date(this.#now)
  }

  /** Lets somebody live in this time until the work is done. */
  async live<T>(work: () => Promise<T>): Promise<T> {
    this.#awake += 1
    try {
      return await work()
    } finally {
      this.#awake -= 1
      this.#moveOn()
    }
  }

  /** Only for who lives in this time. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ wakes: this.#now + milliseconds, wake: resolve })
      this.#awake -= 1
      this.#moveOn()
    })
  }

  #moveOn(): void {
    const [next] = this.#sleepers.toSorted((a, b) => a.wakes - b.wakes)
    if (this.#awake > 0 || next === undefined) return
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next)
    this.#now = next.wakes
    this.#awake += 1
    this.#onMove(this.now)
    next.wake()
  }
}

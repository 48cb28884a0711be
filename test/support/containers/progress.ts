const start = performance.now()

/** Says what the layer is doing, at once: building images takes a minute on a new machine. */
export function progress(text: string): void {
  const seconds = Math.round((performance.now() - start) / 1000)
  process.stderr.write(`containers: ${text} (${seconds} s)\n`)
}

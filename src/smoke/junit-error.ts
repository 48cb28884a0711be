/**
 * The file is there, and no test can be read from it. The message goes on after "its JUnit file".
 */
export class JunitError extends Error {
  constructor(problem: string, cause?: unknown) {
    super(problem, { cause })
    this.name = 'JunitError'
  }
}

/**
 * What was written or lost since a backup could not be found out. Never read it as none.
 */
export class NotCountable extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'NotCountable'
  }
}

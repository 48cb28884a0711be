/** The count of what was written since a backup could not be made. Never read it as 0. */
export class NotCountable extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'NotCountable'
  }
}

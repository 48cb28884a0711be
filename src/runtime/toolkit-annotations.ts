// A file of its own for the same reason as set-output.ts.
export { error, notice, warning } from '@actions/core'

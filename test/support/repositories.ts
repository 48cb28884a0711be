import type { Repositories } from '../../src/session/repositories.ts'

const refuse = () => Promise.reject(new Error('this file names no other repository'))

/** For files whose code is all in one repository. */
export const NO_OTHERS: Repositories = {
  revision: refuse,
  bring: refuse,
  commit: refuse,
  root: refuse,
}

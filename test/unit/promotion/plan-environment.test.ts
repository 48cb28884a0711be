import { describe, expect, it } from '@jest/globals'
import type { GithubEvent } from '../../../src/github/event.ts'
import { environmentToPlan } from '../../../src/promotion/plan-environment.ts'

const BRANCHES = { environment: undefined, head: 'staging', base: 'main' } as const
const pull = (into: string): GithubEvent => ({
  kind: 'pull-request',
  number: 1,
  action: 'opened',
  head: { branch: 'feature', sha: 'h', repository: undefined },
  base: { branch: into, sha: 'b' },
  labels: [],
  fromFork: false,
  byDependabot: false,
})
const push = (branch: string): GithubEvent => ({
  kind: 'push',
  branch,
  sha: 's',
  before: undefined,
})

describe('the environment of a plan', () => {
  it.each([
    ['staging', 'staging'],
    ['main', 'production'],
  ])('follows from a pull request into %s', (branch, environment) => {
    expect(environmentToPlan(BRANCHES, pull(branch))).toBe(environment)
    expect(environmentToPlan(BRANCHES, push(branch))).toBe(environment)
  })

  it('is the one that is given, whatever the run is about', () => {
    expect(environmentToPlan({ ...BRANCHES, environment: 'staging' }, pull('main'))).toBe('staging')
    expect(environmentToPlan({ ...BRANCHES, environment: 'production' }, undefined)).toBe(
      'production',
    )
  })

  it('must be given by hand', () => {
    expect(() => environmentToPlan(BRANCHES, undefined)).toThrow('input environment is missing')
  })

  it('is none for another branch', () => {
    expect(() => environmentToPlan(BRANCHES, pull('develop'))).toThrow(
      'develop is neither staging nor main',
    )
  })
})

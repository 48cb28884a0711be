import { describe, expect, it } from '@jest/globals'
import type { GithubEvent } from '../../../src/github/event.ts'
import { demandBaseBranch, overrideBy } from '../../../src/promotion/override.ts'

const push = (branch: string): GithubEvent => ({
  kind: 'push',
  branch,
  sha: 's',
  before: undefined,
})
const DISPATCH: GithubEvent = {
  kind: 'dispatch',
  branch: 'main',
  sha: 's',
  actor: 'ada',
  inputs: { reason: 'why' },
}

describe('the person who opens the gate', () => {
  it('is no one without a reason', () => {
    expect(overrideBy(undefined, DISPATCH, {})).toBeNull()
    expect(overrideBy(undefined, push('main'), {})).toBeNull()
  })

  it('is on GitHub who dispatched the run, whoever the machine belongs to', () => {
    expect(overrideBy('why', DISPATCH, { USER: 'runner' })).toEqual({ reason: 'why', actor: 'ada' })
  })

  it('is by hand who runs the command', () => {
    expect(overrideBy('why', undefined, { USER: 'ada', LOGNAME: 'x' })?.actor).toBe('ada')
    expect(overrideBy('why', undefined, { LOGNAME: 'ada' })?.actor).toBe('ada')
    expect(overrideBy('why', undefined, {})?.actor).toContain('this machine')
  })

  it('is none where the reason is a constant in the workflow file', () => {
    expect(() => overrideBy('always', DISPATCH, {})).toThrow('not what ada typed into the form')
  })

  it.each(['run', 'environment', 'attempt'])(
    'is none where the constant of the workflow file is only what was chosen as %s',
    (field) => {
      const chosen = { ...DISPATCH, inputs: { [field]: 'upgrade', reason: '' } }
      expect(() => overrideBy('upgrade', chosen, {})).toThrow('not what ada typed into the form')
    },
  )

  it('is none in a run on GitHub without a token, which shows no event', () => {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'o/r', USER: 'runner' }
    expect(() => overrideBy('why', undefined, env)).toThrow('without a token')
  })

  it('is none in a run that no person started', () => {
    expect(() => overrideBy('why', push('main'), {})).toThrow('started by push')
  })
})

describe('the branch that may ask the gate', () => {
  it('is the base, and none by hand or in a pull request', () => {
    expect(() => {
      demandBaseBranch(push('main'), 'main')
      demandBaseBranch(undefined, 'main')
    }).not.toThrow()
    expect(() => {
      demandBaseBranch(push('staging'), 'main')
    }).toThrow('production is deployed from main')
  })
})

import { expect, it } from '@jest/globals'
import { withFoundKeys } from '../../../src/cli/found-keys.ts'

const FOUND = [{ key: 'ZENML_STAGING_API_KEY', where: 'the comment' }]
const conclusion = (reasonCode: 'upgraded' | 'rolled-back') => ({
  reasonCode,
  summary: 'staging: what was done',
  details: null,
})

it('a command that succeeded fails when a key of ours was in its output', () => {
  expect(withFoundKeys(conclusion('upgraded'), FOUND)).toMatchObject({
    reasonCode: 'secret-in-output',
    summary: expect.stringMatching(
      /^Keys were found .*: ZENML_STAGING_API_KEY in the comment\..*\nstaging: what was done$/,
    ) as unknown,
    next: expect.stringContaining('Replace the key.') as unknown,
  })
})

it('a command that failed keeps its reason, and reports the key too', () => {
  expect(withFoundKeys(conclusion('rolled-back'), FOUND)).toMatchObject({
    reasonCode: 'rolled-back',
    summary: expect.stringMatching(
      /^staging: what was done\nKeys were found .* in the comment/,
    ) as unknown,
  })
})

it('a command without such a key ends as it would', () => {
  expect(withFoundKeys(conclusion('upgraded'), [])).toEqual(conclusion('upgraded'))
})

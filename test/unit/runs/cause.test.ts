import { describe, expect, it } from '@jest/globals'
import { causeOf } from '../../../src/runs/cause.ts'

const OF_STEPS = 'RuntimeError: Pipeline run has failed due to failure in step(s): fit'

describe('causeOf', () => {
  it('finds the exception of a step where ZenML only says that a step failed', () => {
    const log = [
      'ValueError: retried',
      'Traceback (most recent call last):',
      '  File "/zenml/artifacts/utils.py", line 800, in load',
      "botocore.exceptions.ClientError: An error occurred (403) when calling 'HeadObject'",
      OF_STEPS,
    ]
    expect(causeOf(OF_STEPS, log)).toBe(log[3])
  })

  it('keeps an exception that says what happened, and one without a cause in the log', () => {
    expect(causeOf('KeyError: rows', ['ValueError: other'])).toBe('KeyError: rows')
    expect(causeOf(OF_STEPS, ['Step fit failed.', OF_STEPS])).toBe(OF_STEPS)
  })
})

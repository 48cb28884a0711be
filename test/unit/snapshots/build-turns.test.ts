import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { BuildTurns, type BuildEnding } from '../../../src/snapshots/build-turns.ts'

/** Starts a build for each name; `end` ends the one that is running. */
function building(key: string | null, names: readonly string[]) {
  const turns = new BuildTurns()
  const events: string[] = []
  const running: ((ending: BuildEnding) => void)[] = []
  for (const name of names)
    void turns.next(key).then((turn) => {
      events.push(
        turn.kind === 'begin' ? `${name} begins` : `${name} fails with ${turn.by.snapshot}`,
      )
      if (turn.kind === 'begin') running.push(turn.finish)
    })
  return {
    events,
    end: async (ending: BuildEnding) => {
      await setImmediate()
      running.shift()?.(ending)
      await setImmediate()
    },
  }
}

describe('snapshots with the same build', () => {
  it('let the first one build alone, and begin together when it has built', async () => {
    const { events, end } = building('k', ['a', 'b', 'c'])
    await setImmediate()
    expect(events).toEqual(['a begins'])
    await end('built')
    expect(events).toEqual(['a begins', 'b begins', 'c begins'])
  })

  it('fail with the first one when its build cannot work', async () => {
    const { events, end } = building('k', ['a', 'b', 'c'])
    await end({ snapshot: 'a', error: 'pip failed', isCertain: true })
    expect(events).toEqual(['a begins', 'b fails with a', 'c fails with a'])
  })

  it('are not tried a third time when two builds did not end', async () => {
    const { events, end } = building('k', ['a', 'b', 'c', 'd'])
    const error = 'The create job did not end within 3600 s and was ended.'
    await end({ snapshot: 'a', error, isCertain: false })
    await end({ snapshot: 'b', error, isCertain: false })
    expect(events).toEqual(['a begins', 'b begins', 'c fails with b', 'd fails with b'])
  })

  it('try one after the other while none says anything about the build', async () => {
    const { events, end } = building('k', ['a', 'b', 'c'])
    await end('unknown')
    expect(events).toEqual(['a begins', 'b begins'])
    await end('built')
    expect(events).toEqual(['a begins', 'b begins', 'c begins'])
  })
})

it('lets snapshots without a common build begin at once', async () => {
  const { events } = building(null, ['a', 'b'])
  await setImmediate()
  expect(events).toEqual(['a begins', 'b begins'])
})

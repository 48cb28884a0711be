import { describe, expect, it } from '@jest/globals'
import { newerIn, stampLine, stampOf, type Stamp } from '../../../src/github/evidence-version.ts'

const stamp = (staging?: string, production?: string): Stamp => ({
  ...(staging === undefined ? {} : { staging: { attempt: 's', at: staging } }),
  ...(production === undefined ? {} : { production: { attempt: null, at: production } }),
})
const [OLD, NEW] = ['2026-11-23T11:00:00.000Z', '2026-11-23T12:00:00.000Z']

describe('the stamp of the evidence', () => {
  it('is read back from a comment, also with the line ends of a browser', () => {
    const comment = ['<!-- first -->', stampLine(stamp(OLD, NEW)), 'text']
    expect(stampOf(comment.join('\n'))).toEqual(stamp(OLD, NEW))
    expect(stampOf(comment.join('\r\n'))).toEqual(stamp(OLD, NEW))
    expect(stampOf(stampLine({}))).toEqual({})
  })

  it('cannot be ended by what is in it', () => {
    const nasty = { staging: { attempt: 'a--><img src=x onerror=y>\n<!--', at: NEW } }
    expect(stampLine(nasty).match(/-->/g)).toHaveLength(1)
    expect(stampLine(nasty)).not.toContain('\n')
    expect(stampOf(stampLine(nasty))).toEqual(nasty)
  })

  it.each([
    '',
    'no stamp',
    '<!-- zenml-upgrade-evidence {broken -->',
    '<!-- zenml-upgrade-evidence {"staging":{"attempt":1}} -->',
    '<!-- zenml-upgrade-evidence {"staging":{"attempt":"a","at":"soon"}} -->',
  ])('is not there in %j', (body) => {
    expect(stampOf(body)).toBeUndefined()
  })

  it.each([
    [stamp(NEW), stamp(OLD), ['staging']],
    [stamp(OLD), stamp(NEW), []],
    [stamp(NEW), stamp(NEW), []],
    [stamp(NEW, OLD), stamp(OLD, NEW), ['staging']],
    [stamp(OLD, OLD), stamp(), ['staging', 'production']],
    [stamp(), stamp(OLD), []],
  ])('%j against %j is newer in %j', (a, b, environments) => {
    expect(newerIn(a, b)).toEqual(environments)
  })
})

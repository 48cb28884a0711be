import { describe, expect, it } from '@jest/globals'
import { chooseCode } from '../../../src/init/choose-code.ts'
import type { Question } from '../../../src/runtime/questions.ts'
import { snapshot } from './facts.ts'

const AMBIGUOUS = {
  pipeline: 'default/churn',
  module: 'pipelines.training',
  paths: ['.', 'team-a', 'team-b'],
  snapshots: [snapshot('nightly', 'pipelines.training')],
}

async function answered(answer: string | undefined) {
  const asked: Question<string>[] = []
  const chosen = await chooseCode([AMBIGUOUS], (questions) => {
    asked.push(...questions)
    return Promise.resolve(answer === undefined ? {} : { 'default/churn': answer })
  })
  return { chosen: Object.fromEntries(chosen), asked }
}

describe('chooseCode', () => {
  it('asks with the numbered folders, and takes a number or a folder', async () => {
    const { chosen, asked } = await answered('2')
    expect(asked[0]?.text).toContain(
      'The module pipelines.training of default/churn (nightly) is in several folders: 1 ., 2 team-a, 3 team-b.',
    )
    expect(chosen).toEqual({ 'default/churn': 'team-a' })
    expect((await answered('team-b')).chosen).toEqual({ 'default/churn': 'team-b' })
  })

  it.each(['', undefined])('leaves it open where the answer is %p', async (answer) => {
    expect((await answered(answer)).chosen).toEqual({})
  })

  it('refuses a number or folder that is not among them', async () => {
    const [question] = (await answered('1')).asked
    expect(
      ['0', '4', 'team-c', '1', 'team-a', ''].map((answer) => question?.problem(answer)),
    ).toEqual([
      expect.stringContaining('from 1 to 3'),
      expect.stringContaining('from 1 to 3'),
      expect.stringContaining('from 1 to 3'),
      undefined,
      undefined,
      undefined,
    ])
  })

  it('asks nothing where each module is in one folder', async () => {
    const never = () => Promise.reject(new Error('asked'))
    expect(await chooseCode([], never)).toEqual(new Map())
  })
})

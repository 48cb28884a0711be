import { describe, expect, it } from '@jest/globals'
import type { ReasonCode } from '../../../src/core/reasons.ts'
import { judgeJobs } from '../../../src/report/job-end.ts'
import { isForCommandLine, isForGithub } from '../../../src/report/own-next.ts'
import type { Pages } from '../../../src/report/pages.ts'
import { buildReport } from '../../../src/report/report.ts'
import type { Result } from '../../../src/result/result.ts'
import { gate, GREEN_STAGING, plan, smoke, snapshots, upgrade } from './results.ts'

const pages: Pages = {
  rerun: 'https://github.com/acme/ml/actions/runs/1',
  form: 'https://github.com/acme/ml/actions/workflows/zenml.yml',
  file: 'https://github.com/acme/ml/blob/main/zenml-upgrade.yml',
  'file-smoke': 'https://github.com/acme/ml/blob/main/zenml-upgrade.yml#L9',
}
const onGithub = (results: readonly Result[]) =>
  buildReport(results, { github: { pages, results } })
const failed = (code: ReasonCode, next?: string) =>
  upgrade({ environment: 'staging', code, summary: 'x', ...(next === undefined ? {} : { next }) })

describe('the command line of a next step', () => {
  const command = (result: Result) => buildReport([result]).command

  it.each<[Result, string | undefined]>([
    [
      snapshots({ environment: 'staging', code: 'server-behind', summary: 'x' }, []),
      'node dist/main.cjs upgrade-workspace --environment staging',
    ],
    [
      gate({ environment: 'production', code: 'staging-moved', summary: 'x' }, []),
      'node dist/main.cjs upgrade-workspace --environment staging',
    ],
    [
      failed('counts-decreased'),
      "node dist/main.cjs acknowledge --environment staging --attempt staging-1 --reason 'why this is no loss'",
    ],
    [gate({ environment: 'production', code: 'loss-open', summary: 'x' }, []), undefined],
    [
      failed('version-blocked'),
      "node dist/main.cjs upgrade-workspace --environment staging --override-reason 'why it will work now'",
    ],
    [failed('invalid-input'), undefined],
  ])('is the one that its sentence names', (result, line) => {
    expect(command(result)).toBe(line)
  })

  it('is left out where the own sentence of the result has it', () => {
    const own = 'Bring it back, or accept it: `node dist/main.cjs acknowledge --attempt a`'
    const report = buildReport([failed('loss-open', own)])
    expect([report.next, report.command]).toEqual([expect.stringContaining(own), undefined])
  })

  it('follows a plan that asks for a merge on GitHub, and none that has nothing to upgrade', () => {
    const about = { environment: 'staging', code: 'planned', summary: 'x' } as const
    expect(buildReport([plan(about)])).toMatchObject({
      next: 'Run upgrade-workspace for this environment.',
      command: 'node dist/main.cjs upgrade-workspace --environment staging',
    })
    expect(onGithub([plan(about)]).next).toBe('Merge the pull request; that upgrades staging.')
    expect(command(plan({ ...about, next: 'Nothing to upgrade.' }))).toBeUndefined()
  })
})

describe('a next step', () => {
  it.each<[ReasonCode, string | undefined]>([
    ['invalid-input', undefined],
    ['smoke-cached', pages['file-smoke']],
    ['smoke-timeout', pages['file-smoke']],
    ['secret-in-output', pages.file],
  ])('of %s has a link only to where it can be done', (code, url) => {
    const result = smoke({ environment: 'staging', code, summary: 'x' }, [])
    expect(onGithub([result]).link?.url).toBe(url)
  })

  it('that a gate wrote for a schedule is for GitHub only', () => {
    const next = 'Nothing to do: the first scheduled run after 2026-11-24 10:11 UTC continues.'
    const about = { environment: 'production', code: 'waiting-for-soak', summary: 'x' } as const
    const held = gate({ ...about, next }, [])
    expect(onGithub([held]).next).toBe(next)
    expect(buildReport([held]).next).toBe(
      'Wait until the soak ends, then run upgrade-workspace again.',
    )
  })

  it('that only a command line has is in the section of its result on GitHub', () => {
    const own = failed('upgrade-failed', 'Name a stop command in the file, then run this again.')
    const sections = (report: ReturnType<typeof buildReport>) => JSON.stringify(report.sections)
    expect(onGithub([own]).next).toMatch(/re-run the failed jobs/)
    expect(sections(onGithub([own]))).toContain(own.next)
    expect(buildReport([own]).next).toBe(own.next)
    expect(sections(buildReport([own]))).not.toContain(own.next)
  })

  it('of a code is never repeated in the section', () => {
    const blocked = failed('version-blocked')
    expect(JSON.stringify(onGithub([blocked]).sections)).not.toContain('--override-reason')
  })

  it.each([
    ['Give --override-reason.', true, false],
    ['Repair it, then run this again.', true, false],
    ['Run the command again.', true, false],
    ['Open the run and re-run the failed jobs.', false, true],
    ['Merge the pull request.', false, true],
    ['Start the mail server - then wait.', false, false],
  ])('is known by what it names: %s', (next, commandLine, github) => {
    expect([isForCommandLine(next), isForGithub(next)]).toEqual([commandLine, github])
  })
})

describe('a proposal that stopped', () => {
  const proposal = (code: ReasonCode): Result => ({
    ...gate({ environment: 'staging', code, summary: 'it was killed', minute: 60 }, []),
    details: null,
    step: 'propose',
  })

  it('is no gate: staging stays green, and its section is a warning', () => {
    const { mark, headline, sections } = buildReport([...GREEN_STAGING, proposal('cancelled')])
    expect([mark, headline]).toEqual(['passed', 'Staging: green on ZenML 0.98.0'])
    expect(sections).toContainEqual(
      expect.objectContaining({
        title: 'Staging · Promotion: cancelled',
        failing: true,
        sign: 'warning',
      }),
    )
  })

  it('explains the end of its job', () => {
    const facts = { environment: 'staging', seen: [], rejection: undefined, runUrl: 'u' } as const
    const own = [proposal('internal-error')]
    const needs = { propose: { result: 'failure', outputs: {} } } as const
    expect(judgeJobs({ ...facts, needs, own, all: own }).ends).toEqual([])
  })
})

describe('a command that was to accept a loss and failed', () => {
  const refused: Result = {
    ...upgrade({
      environment: 'staging',
      code: 'invalid-input',
      summary: 'the record of staging has no attempt staging-9',
      next: 'Name an attempt with an open loss: staging-1.',
      attempt: null,
      minute: 30,
    }),
    command: 'acknowledge',
    details: null,
  }

  it.each<[string, Result[]]>([
    ['nothing else', [refused]],
    ['the loss', [failed('counts-decreased'), refused]],
    ['an upgrade that failed before', [failed('rollback-failed'), refused]],
  ])('leads beside %s', (_, results) => {
    const { headline, next, link, sections } = onGithub(results)
    expect(headline).toBe('Staging: loss was not acknowledged, an input is wrong')
    expect([next, link?.url]).toEqual([refused.next, pages.form])
    expect(JSON.stringify(sections)).toMatch(/the record of staging has no attempt staging-9/i)
  })

  it('is over when an upgrade came after it', () => {
    const green = upgrade({ environment: 'staging', code: 'upgraded', summary: 'x', minute: 40 })
    expect(buildReport([refused, green]).headline).not.toMatch(/acknowledged/)
  })
})

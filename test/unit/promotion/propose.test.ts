import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { ACTIONS_LOGIN } from '../../../src/github/client.ts'
import { decideProposal, type ProposalFacts } from '../../../src/promotion/propose.ts'
import {
  compareLink,
  creationForbidden,
  CREATE_SETTING,
} from '../../../src/promotion/token-limits.ts'
import { golden } from '../report/golden.ts'

const AHEAD: ProposalFacts = {
  head: 'staging',
  base: 'main',
  treesEqual: false,
  headOnly: 3,
  baseOnly: 0,
  baseBringsContent: null,
  openPullRequest: null,
  headVersion: '0.98.0',
  baseVersion: '0.94.1',
  identity: 'github-token',
  workflowFiles: false,
}
const opened = (facts: ProposalFacts): ProposalFacts['openPullRequest'] => {
  const proposal = decideProposal(facts)
  if (proposal.action !== 'create') throw new Error(`expected create, not ${proposal.action}`)
  return { number: 7, title: proposal.title, body: proposal.body, author: ACTIONS_LOGIN }
}
const written = (facts: ProposalFacts): string =>
  `${opened(facts)?.title ?? ''}\n\n${opened(facts)?.body ?? ''}`

describe('the proposal', () => {
  it('is none while the trees are equal', () => {
    expect(decideProposal({ ...AHEAD, treesEqual: true, headOnly: 0 })).toMatchObject({
      action: 'none',
      reasonCode: 'nothing-to-propose',
      summary: 'staging and main hold the same files',
      backMerge: undefined,
    })
  })

  it('is none after a squash, and says to merge back', () => {
    const proposal = decideProposal({ ...AHEAD, treesEqual: true, baseOnly: 1 })
    expect(proposal).toMatchObject({
      action: 'none',
      reasonCode: 'nothing-to-propose',
      next: 'Merge main back into staging; the report has the commands.',
    })
    expect(proposal.backMerge?.why).toContain(
      '`main` has 1 commit that `staging` has not, without other content',
    )
  })

  it('is none where only main moved: GitHub would refuse the pull request', () => {
    const proposal = decideProposal({ ...AHEAD, headOnly: 0, baseOnly: 2 })
    expect(proposal).toMatchObject({
      action: 'none',
      summary: 'staging has no commit that main has not',
    })
    expect(proposal.backMerge?.why).toContain('for example a hotfix')
  })

  it('opens the pull request as soon as the trees differ', () => {
    expect(decideProposal(AHEAD)).toMatchObject({
      action: 'create',
      reasonCode: 'proposed',
      title: 'Promote staging to main: ZenML 0.98.0',
    })
  })

  it('leaves its own pull request alone while nothing changed, also when GitHub changed the line ends', () => {
    const pull = opened(AHEAD)
    expect(decideProposal({ ...AHEAD, openPullRequest: pull })).toMatchObject({
      action: 'keep',
      number: 7,
      reasonCode: 'proposed',
    })
    const windows = {
      number: 7,
      title: pull?.title ?? '',
      body: pull?.body?.replaceAll('\n', '\r\n') ?? null,
      author: ACTIONS_LOGIN,
    }
    expect(decideProposal({ ...AHEAD, openPullRequest: windows })).toMatchObject({ action: 'keep' })
  })

  it('brings its own pull request up to date, and keeps what people wrote around its part', () => {
    const pull = opened(AHEAD)
    const openPullRequest = {
      number: 7,
      title: pull?.title ?? '',
      body: `Please look at the schedules.\n\n${pull?.body ?? ''}\nThanks!`,
      author: ACTIONS_LOGIN,
    }
    const proposal = decideProposal({ ...AHEAD, headVersion: '0.99.0', openPullRequest })
    expect(proposal).toMatchObject({
      action: 'update',
      number: 7,
      title: 'Promote staging to main: ZenML 0.99.0',
    })
    if (proposal.action !== 'update') return
    expect(proposal.body).toMatch(
      /^Please look at the schedules\.\n\n<!--[^]*from `0\.94\.1` to `0\.99\.0`[^]*-->\n\nThanks!$/,
    )
  })

  it.each([
    null,
    '',
    'By hand.',
    '<!-- zenml-upgrade promotion: end -->\n<!-- zenml-upgrade promotion: this part is rewritten -->',
  ])('does not rewrite the pull request of a person: %j', (body) => {
    const proposal = decideProposal({
      ...AHEAD,
      openPullRequest: { number: 9, title: 'Release week 48', body, author: 'octocat' },
    })
    expect(proposal).toMatchObject({ action: 'keep', number: 9 })
  })

  it('keeps a title that a person gave to our pull request', () => {
    const openPullRequest = {
      number: 7,
      title: 'Release week 48',
      body: opened(AHEAD)?.body ?? null,
      author: ACTIONS_LOGIN,
    }
    expect(decideProposal({ ...AHEAD, headVersion: '0.99.0', openPullRequest })).toMatchObject({
      action: 'update',
      title: 'Release week 48',
    })
  })

  it('says what GITHUB_TOKEN cannot do, and nothing of that with the key of an app', () => {
    const { notes } = decideProposal({ ...AHEAD, workflowFiles: true })
    expect(notes).toHaveLength(3)
    expect(notes.join(' ')).toMatch(
      /click "Approve workflows to run".*starts no workflow on `main`.*\.github\/workflows/,
    )
    expect(decideProposal({ ...AHEAD, workflowFiles: true, identity: 'app' }).notes).toEqual([])
    expect(
      decideProposal({
        ...AHEAD,
        openPullRequest: { number: 9, title: 'By hand', body: 'By hand.', author: 'octocat' },
      }).notes.join(' '),
    ).not.toContain('was opened with GITHUB_TOKEN')
  })

  it('names the click that lets the workflows run, also with the key of an app, where GITHUB_TOKEN opened the pull request', () => {
    const openPullRequest = opened(AHEAD)
    const proposal = decideProposal({ ...AHEAD, identity: 'app', openPullRequest })
    expect(proposal).toMatchObject({
      openedWithToken: true,
      next: 'Click "Approve workflows to run" on the promotion pull request, and merge it when its status is green.',
      notes: [expect.stringContaining('was opened with GITHUB_TOKEN, so its workflows wait')],
    })
  })

  it('survives branch names that try to be something else', () => {
    const head = "a`b-->|<script>@octocat$(touch)'q'"
    const body = opened({ ...AHEAD, head, baseOnly: 1 })?.body ?? ''
    // Markdown reads nothing in a code block.
    const prose = body.replace(/^(`{3,})text$[^]*?^\1$/m, '')
    expect(prose).not.toMatch(/<script>|@octocat/)
    expect(prose.match(/-->/g)).toHaveLength(2)
    const [, word = ''] =
      /^git switch (.+)$/m.exec(
        decideProposal({ ...AHEAD, head, baseOnly: 1 }).backMerge?.commands.join('\n') ?? '',
      ) ?? []
    expect(execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' })).toBe(head)
  })

  it.each([
    ['proposal', AHEAD],
    ['proposal-hotfix', { ...AHEAD, baseOnly: 2, workflowFiles: true }],
    [
      'proposal-squash',
      {
        ...AHEAD,
        baseOnly: 1,
        baseBringsContent: false,
        identity: 'app' as const,
        baseVersion: '0.98.0',
      },
    ],
  ])('reads well: %s', (name, facts) => {
    golden(`${name}.md`, written(facts))
  })
})

describe('where GitHub forbids workflows to open pull requests', () => {
  it('names the setting and gives the link', () => {
    const { next } = creationForbidden(
      { serverUrl: 'https://github.com', repository: 'acme/churn' },
      { head: 'staging', base: 'main' },
    )
    expect(next).toContain(CREATE_SETTING)
    expect(next).toContain('https://github.com/acme/churn/compare/main...staging?expand=1')
  })

  it('links to the server it runs on, and survives odd branch names', () => {
    expect(
      compareLink(
        { serverUrl: 'https://git.example.com/', repository: 'acme/churn' },
        'release/2026 #1',
        'main',
      ),
    ).toBe('https://git.example.com/acme/churn/compare/main...release/2026%20%231?expand=1')
  })
})

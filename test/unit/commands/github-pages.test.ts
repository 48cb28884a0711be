import { describe, expect, it } from '@jest/globals'
import { pagesOf } from '../../../src/commands/report/github-pages.ts'
import type { GithubContext } from '../../../src/github/context.ts'

const SHA = 'a'.repeat(40)
const CONTEXT: GithubContext = {
  repository: { owner: 'acme', name: 'ml' },
  run: {
    id: 81,
    attempt: 2,
    key: '81.2',
    job: 'report',
    workflow: '.github/workflows/zenml.yml',
    url: 'https://ghe.test/acme/ml/actions/runs/81/attempts/2',
  },
  urls: { server: 'https://ghe.test', api: '', graphql: '' },
  actor: 'octocat',
  event: { kind: 'push', branch: 'staging', sha: SHA, before: undefined },
}
const PULL = { number: 7, url: 'https://ghe.test/acme/ml/pull/7', labels: [] }
const place = {
  context: CONTEXT,
  branches: { head: 'staging', base: 'main' },
  pullRequest: undefined,
  config: { path: 'ops #1/zenml-upgrade.yml', text: '# ours\nzenml: 0.98.0\nsmoke: []\n' },
  invalid: undefined,
}

describe('the pages of a run', () => {
  it('link to lines of the file at the commit, whatever its path is made of', () => {
    const file = `https://ghe.test/acme/ml/blob/${SHA}/ops%20%231/zenml-upgrade.yml`
    expect(pagesOf(place)).toMatchObject({
      file,
      'file-zenml': `${file}#L2`,
      'file-smoke': `${file}#L3`,
      'file-stacks': file,
    })
  })

  it('link to the promotion where it is open, else to where it is opened', () => {
    const head = { branch: 'staging', sha: SHA, repository: 'acme/ml' }
    const compare = 'https://ghe.test/acme/ml/compare/main...staging'
    const promotion = (pullRequest: Parameters<typeof pagesOf>[0]['pullRequest']) =>
      pagesOf({ ...place, pullRequest }).promotion
    expect(promotion({ ...PULL, head })).toBe(PULL.url)
    expect(promotion({ ...PULL, head, merged: true })).toBe(compare)
    expect(promotion({ ...PULL, head: { ...head, branch: 'bump' } })).toBe(compare)
    expect(promotion(undefined)).toBe(compare)
  })

  it('have no form where GitHub does not name the workflow', () => {
    expect(pagesOf(place).form).toBe('https://ghe.test/acme/ml/actions/workflows/zenml.yml')
    const run = { ...CONTEXT.run, workflow: undefined }
    expect(pagesOf({ ...place, context: { ...CONTEXT, run } })).not.toHaveProperty('form')
  })
})

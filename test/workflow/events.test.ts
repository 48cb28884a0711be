import { readdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { forkRepository, READ_ONLY } from '../../src/demo/fake-github/repositories.ts'
import { addActionsToken } from '../../src/demo/fake-github/repositories.ts'
import { closeHttp } from '../../src/http/http.ts'
import { makeSuite, type Suite } from '../support/act.ts'
import { eventRow, type EventRow } from '../support/event-rows.ts'
import { runTeam, type FlowRun } from '../support/team-flow.ts'
import { team, type Team } from '../support/team.ts'
import { EXAMPLES, read } from '../support/workflow-files.ts'
import { golden } from '../unit/report/golden.ts'

// What a person sees of each event while something is missing: the users' workflow file by act, the
// bundle, GitHub and two servers that say which ZenML they are.

jest.setTimeout(120_000)

const KEY = 'ZENKEY_not-a-real-key'
const WORKFLOW = '.github/workflows/zenml-upgrade.yml'
const KEYS = { ZENML_STAGING_API_KEY: KEY, ZENML_PRODUCTION_API_KEY: KEY }
const rows: EventRow[] = []
let suite: Suite
let place: Team
beforeAll(async () => {
  suite = await makeSuite()
})
afterEach(() => place.close())
afterAll(async () => {
  await closeHttp()
  await suite.remove()
})

const config = () => place.config().replace(/^smoke: .*\n/m, '')

/** A team with the workflow on staging, whose server is at the target. */
async function ready(files: Readonly<Record<string, string>> = {}): Promise<void> {
  place = await team({ key: KEY })
  place.versions.staging = '0.98.0'
  place.git('remote', 'add', 'origin', 'https://github.com/acme/ml.git')
  place.push('staging', { 'zenml-upgrade.yml': config(), [WORKFLOW]: read(EXAMPLES[0]), ...files })
}

async function run(title: string, options: FlowRun) {
  const ended = await runTeam(suite, place, options)
  const row = await eventRow(title, place, ended)
  rows.push(row)
  if (process.env['EVENT_LOG'] !== undefined) console.log(ended.act.log)
  return ended
}

describe('a push on staging', () => {
  it('without the API key names the secret and why it did not arrive; its re-run with the key is green', async () => {
    await ready()
    place.open('staging', 'main')
    const first = await run('No secret: the API key of staging is missing', { branch: 'staging' })
    expect(first.act.jobs).toEqual({ propose: 'success', upgrade: 'failure', report: 'success' })
    expect(first.act.log).toContain('Create ZENML_STAGING_API_KEY as a secret of the repository')
  })
})

it('is a golden table', () => {
  golden('workflow/events.md', rows.map(({ text }) => text).join('\n'))
})
void readdirSync
void forkRepository
void READ_ONLY
void addActionsToken
void KEYS

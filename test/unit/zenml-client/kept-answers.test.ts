import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

/** Stands in for ZenML's REST client; makes the requests of one job and prints what was sent. */
const SCRIPT = `
import json, sys, types

sent = []

class RestZenStore:
    def get(self, path, params=None, timeout=None, **kwargs):
        sent.append(f"GET {path}")
        return {"path": path, "params": params}
    def post(self, path, body=None):
        sent.append(f"POST {path}")
    def put(self, path, body=None):
        sent.append(f"PUT {path}")
    def delete(self, path):
        sent.append(f"DELETE {path}")

for name in ("zenml", "zenml.zen_stores", "zenml.zen_stores.rest_zen_store"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["zenml.zen_stores.rest_zen_store"].RestZenStore = RestZenStore

from zenml_upgrade_fork_server.kept_answers import keep_answers

path, requests = json.loads(sys.argv[1])
keep_answers(path)
answers = []
for method, route, *params in requests:
    answer = getattr(RestZenStore(), method.lower())(route, *params)
    answers.append(answer)
    if answer is not None:
        answer["path"] = "changed by its reader"
print(json.dumps(sent))
`

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kept-answers-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

type Request = readonly [method: string, route: string, params?: Readonly<Record<string, string>>]

/** Returns the requests of one job that reach the server. */
function sentBy(...requests: readonly Request[]): string[] {
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-B', '-c', SCRIPT, JSON.stringify([join(directory, 'answers.json'), requests])],
    { cwd: resolve('src/zenml-client'), encoding: 'utf8' },
  )
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as string[]
}

describe('what jobs read from the live server', () => {
  const READS: readonly Request[] = [
    ['GET', '/current-user'],
    ['GET', '/stacks', { name: 'one' }],
    ['GET', '/stacks', { name: 'two' }],
    ['GET', '/pipeline_builds/1'],
  ]

  it('is read once, by parameters, and by the first job only', () => {
    expect(sentBy(...READS, ...READS)).toEqual([
      'GET /current-user',
      'GET /stacks',
      'GET /stacks',
      'GET /pipeline_builds/1',
    ])
    expect(sentBy(...READS)).toEqual([])
  })

  it('is always read anew where a rebuild changes it', () => {
    const reads: readonly Request[] = [
      ['GET', '/pipelines'],
      ['GET', '/pipeline_builds'],
      ['GET', '/pipeline_snapshots/1'],
      ['GET', '/runs/1'],
    ]
    expect(sentBy(...reads, ...reads)).toHaveLength(2 * reads.length)
  })

  it('is read anew after code of the user changed it, also by later jobs', () => {
    const read: Request = ['GET', '/stacks', { name: 'one' }]
    expect(sentBy(read, ['POST', '/stacks'], read)).toEqual([
      'GET /stacks',
      'POST /stacks',
      'GET /stacks',
    ])
    sentBy(['DELETE', '/components/1'])
    expect(sentBy(read)).toEqual(['GET /stacks'])
  })

  it.each([
    ['is cut short', '{"/info'],
    ['is no object', '[]'],
    ['holds text as an answer', '{"[\\"/current-user\\", null]": "x"}'],
    ['is nested too deeply', '['.repeat(100_000)],
    ['is binary', '\u0000'],
  ])('is read anew when the file of the earlier jobs %s', (_how, text) => {
    writeFileSync(join(directory, 'answers.json'), text)
    expect(sentBy(...READS)).toHaveLength(READS.length)
    expect(sentBy(...READS)).toEqual([])
  })

  it('is read by every job when it cannot be kept, and leaves no part of a file', () => {
    const path = join(directory, 'answers.json')
    mkdirSync(path)
    expect(sentBy(...READS, ['POST', '/stacks'])).toHaveLength(READS.length + 1)
    expect(sentBy(...READS)).toHaveLength(READS.length)
    expect(readdirSync(directory)).toEqual(['answers.json'])
  })

  it('is for this user alone', () => {
    sentBy(...READS)
    expect(statSync(join(directory, 'answers.json')).mode & 0o777).toBe(0o600)
  })
})

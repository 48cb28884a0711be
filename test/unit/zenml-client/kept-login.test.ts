import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

/** Makes one job log in, as ZenML does with a key; prints the file of the login and the key. */
const SCRIPT = `
import json, os, sys
from zenml_upgrade_fork_server.live_server import for_later_jobs, reuse_login

directory = sys.argv[1]
os.environ.update(
    ZENML_STORE_URL="http://server", ZENML_STORE_API_KEY="key", ZENML_CONFIG_PATH=directory
)
kept = for_later_jobs(directory, "login", "yaml")
if "blocked" in sys.argv:
    os.makedirs(kept, exist_ok=True)
own = os.path.join(directory, "credentials.yaml")
keep = reuse_login(directory)
if keep is not None:
    with open(own, "w") as file:
        file.write("token")
    keep()
print(json.dumps({"own": own, "hasKey": "ZENML_STORE_API_KEY" in os.environ}))
`

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kept-login-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function logIn(name: string, ...options: string[]) {
  const work = join(directory, name)
  mkdirSync(work)
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', SCRIPT, work, ...options], {
    cwd: resolve('src/zenml-client'),
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as { own: string; hasKey: boolean }
}

describe('the login of one job', () => {
  it('is that of the later jobs, which then have no key', () => {
    expect(logIn('first').hasKey).toBe(true)
    const { own, hasKey } = logIn('second')
    expect(hasKey).toBe(false)
    expect(readFileSync(own, 'utf8')).toBe('token')
  })

  it('is made by every job when it cannot be kept, and leaves no part of a file', () => {
    expect(logIn('first', 'blocked').hasKey).toBe(true)
    expect(readdirSync(directory)).toEqual(['first', expect.stringMatching(/^login-.*yaml$/)])
  })
})

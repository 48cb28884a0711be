import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { clientEnvironment, NEW } from '../support/environments.ts'

jest.setTimeout(600_000)

const execute = promisify(execFile)
/** Prints the login for the registry of a stack; `component` is evaluated. */
const SCRIPT = `
import json, sys
from types import SimpleNamespace as Some
from zenml_upgrade_fork_server.registry_login import login_for

class Failing:
    name = "reg"
    @property
    def credentials(self):
        raise RuntimeError("no such connector")

def owning(**config):
    secret = config.get("authentication_secret")
    return Some(name="reg", credentials=("own", "secret"), config=Some(**config),
                requires_authentication=bool(secret))

NONE = Some(name="reg", credentials=None)
component, engine = sys.argv[1:]
try:
    login = login_for(eval(component), "r.test:5000", engine)
    print(json.dumps([login.source, login.user, login.password, login.identity_token]))
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
`

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'registry-login-'))
  await mkdir(join(home, '.docker'))
})
afterEach(() => rm(home, { recursive: true }))

async function loginOf(component: string, engine = 'docker'): Promise<unknown> {
  const python = join(await clientEnvironment(NEW), 'bin', 'python')
  const { stdout } = await execute(python, ['-B', '-c', SCRIPT, component, engine], {
    cwd: resolve('src/zenml-client'),
    env: { HOME: home, PATH: `${home}:${process.env['PATH'] ?? ''}`, XDG_RUNTIME_DIR: home },
  })
  return JSON.parse(stdout)
}

const auth = (user: string) => ({ auth: Buffer.from(`${user}:pw`).toString('base64') })
const writeDocker = (content: object) =>
  writeFile(join(home, '.docker', 'config.json'), JSON.stringify(content))
const dockerFile = () => join(home, '.docker', 'config.json')

describe('the login for a registry', () => {
  it('is that of the container registry of the stack first', async () => {
    await writeDocker({ auths: { 'r.test:5000': auth('docker') } })
    expect(await loginOf('owning(authentication_secret="reg-login")')).toEqual([
      'the secret reg-login of the container registry reg',
      'own',
      'secret',
      null,
    ])
    expect(await loginOf('owning(authentication_secret=None)')).toEqual([
      'the service connector of the container registry reg',
      'own',
      'secret',
      null,
    ])
  })

  it('is not known where its service connector cannot be read', async () => {
    expect(await loginOf('Failing()')).toEqual([
      'LoginUnknown',
      'RuntimeError for its own login: no such connector',
    ])
  })

  it('is that of Docker otherwise', async () => {
    await writeDocker({ auths: { 'https://r.test:5000': auth('docker') } })
    expect(await loginOf('NONE')).toEqual([dockerFile(), 'docker', 'pw', null])
  })

  it('is that of Podman, for Podman alone', async () => {
    await writeDocker({ auths: { 'r.test:5000': auth('docker') } })
    await mkdir(join(home, 'containers'))
    await writeFile(
      join(home, 'containers', 'auth.json'),
      JSON.stringify({ auths: { 'r.test:5000': auth('podman') } }),
    )
    expect(await loginOf('NONE', 'podman')).toEqual([
      join(home, 'containers', 'auth.json'),
      'podman',
      'pw',
      null,
    ])
    expect(await loginOf('NONE')).toEqual([dockerFile(), 'docker', 'pw', null])
  })

  it('may come from a credential helper', async () => {
    await writeDocker({ credHelpers: { 'r.test:5000': 'tests' } })
    const helper = join(home, 'docker-credential-tests')
    await writeFile(helper, '#!/bin/sh\necho \'{"Username": "<token>", "Secret": "identity"}\'\n', {
      mode: 0o755,
    })
    expect(await loginOf('NONE')).toEqual([
      `docker-credential-tests, named in ${dockerFile()}`,
      null,
      null,
      'identity',
    ])
    await rm(helper)
    expect(await loginOf('NONE')).toEqual([
      'LoginBroken',
      expect.stringContaining(`docker-credential-tests of ${dockerFile()} failed`),
    ])
  })

  it('is none where no one logged in', async () => {
    expect(await loginOf('NONE')).toEqual(['no login', null, null, null])
  })
})

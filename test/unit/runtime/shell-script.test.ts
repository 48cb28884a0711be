import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createBackup } from '../../../src/backup/backup.ts'
import { createDriver } from '../../../src/deploy/create-driver.ts'
import { namedScript, scriptProblem } from '../../../src/runtime/shell-script.ts'
import { testMachine } from '../../support/machine.ts'

describe('the file that a command begins with', () => {
  it.each([
    ['./deploy.sh', './deploy.sh'],
    ['./deploy.sh staging "$TARGET_VERSION"', './deploy.sh'],
    ['  scripts/deploy.sh\n', 'scripts/deploy.sh'],
    ['/opt/deploy; echo done', '/opt/deploy'],
    ['./deploy.sh | tee log', './deploy.sh'],
    ['./deploy.sh "$TARGET_VERSION" && echo done', './deploy.sh'],
    ['./deploy.sh>log', './deploy.sh'],
    ['./a\\\nb', undefined],
  ])('%j is started: %s', (command, path) => {
    expect(namedScript(command)?.path).toBe(path)
    expect(namedScript(command)?.started ?? true).toBe(true)
  })

  it.each([
    ['bash scripts/deploy.sh staging', 'scripts/deploy.sh', false],
    ['bash deploy.sh', 'deploy.sh', true],
    ['sh ./deploy.sh', './deploy.sh', false],
    ['python3 scripts/wait.py staging', 'scripts/wait.py', false],
    ['python3 wait.py', 'wait.py', false],
  ])('%j is read by its interpreter: %s', (command, path, onPath) => {
    expect(namedScript(command)).toEqual({ path, started: false, onPath })
  })

  it.each([
    'make deploy',
    'helm upgrade zenml ./chart',
    'cd ops && ./deploy.sh',
    'set -e\n./deploy.sh',
    '"./deploy.sh" staging',
    '$HOME/deploy.sh',
    '~/deploy.sh',
    'DIR=/srv ./deploy.sh',
    './bin/{a,b}',
    'if ./ready.sh; then true; fi',
    './optional.sh || true',
    '[ -x ./deploy.sh ]',
    'test -x ./deploy.sh',
    'bash -c "./deploy.sh"',
    'bash "$SCRIPT"',
    'bash < deploy.sh',
    'python3 -m deploy',
    'sh -s',
    '# ./deploy.sh\nmake',
    '(./deploy.sh)',
    '! ./deploy.sh',
    './deploy*.sh',
    './deploy$ENV.sh',
    'env A=1 ./deploy.sh',
    'docker run x /bin/y',
    '',
    'bash deploy$ENV.sh',
    'bash',
  ])('%j is for the shell to judge', (command) => {
    expect(namedScript(command)).toBeUndefined()
  })
})

describe('before the first change', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'named-script-'))
    await mkdir(join(folder, 'ops'))
    await writeFile(join(folder, 'ops', 'plain.sh'), 'true\n')
    await writeFile(join(folder, 'ops', 'deploy.sh'), '#!/bin/sh\n')
    await chmod(join(folder, 'ops', 'deploy.sh'), 0o755)
  })
  afterEach(() => rm(folder, { recursive: true }))
  const problem = (command: string, path = process.env['PATH']) =>
    scriptProblem(command, folder, path)

  it.each([
    'ops/deploy.sh staging',
    './ops/deploy.sh',
    'bash ops/plain.sh',
    'python3 ops',
    'bash plain.sh',
  ])('%s can be run', async (command) => {
    expect(await problem(command, join(folder, 'ops'))).toBeUndefined()
  })

  it.each([
    ['./deploy.sh staging', './deploy.sh does not exist; looked for it as <folder>/deploy.sh'],
    ['/no/such/deploy', '/no/such/deploy does not exist; looked for it as /no/such/deploy'],
    ['./ops', './ops is a folder'],
    ['ops/plain.sh', 'ops/plain.sh is not executable'],
    ['bash ops/gone.sh', 'ops/gone.sh does not exist; looked for it as <folder>/ops/gone.sh'],
    ['python3 plain.sh', 'plain.sh does not exist; looked for it as <folder>/plain.sh'],
  ])('%s cannot', async (command, message) => {
    expect((await problem(command))?.message.replace(folder, '<folder>')).toBe(message)
  })

  it('a script that is missing fails the check of its command', async () => {
    const machine = testMachine(process.env)
    const driver = createDriver(
      {
        command: {
          deploy: './ops/deploy.sh',
          rollback: 'bash ops/plain.sh',
          stop: './stop.sh production',
        },
      },
      {
        machine,
        environment: 'production',
        workspace: folder,
        logDirectory: folder,
        serverUrl: 'https://zenml.example.com',
        uv: () => Promise.reject(new Error('not needed')),
      },
    )
    expect(
      (await driver.preflight({ fromVersion: '0.94.1', toVersion: '0.98.0' })).map(
        ({ name, status }) => [name, status],
      ),
    ).toEqual([
      ['deploy.command.deploy', 'passed'],
      ['deploy.command.rollback', 'passed'],
      ['deploy.command.stop', 'failed'],
    ])
    const backup = createBackup(
      {
        command: {
          backup: './backup.sh',
          check: 'ops/plain.sh',
          restore: 'ops/deploy.sh',
          to: 'backups',
        },
      },
      {
        machine,
        environment: 'production',
        reportDirectory: join(folder, 'report'),
        workingDirectory: folder,
      },
    )
    expect(
      (await backup.preflight('0.94.1')).filter(({ status }) => status === 'failed'),
    ).toMatchObject([
      {
        name: 'backup.command.backup',
        message: expect.stringContaining('./backup.sh does not exist') as unknown,
      },
      { name: 'backup.command.check', message: 'ops/plain.sh is not executable' },
    ])
  })
})

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

/** Exit code of a child that came back from its job to the loop of the server. */
const CAME_BACK = 9
/** Forks a child for a job as the server does; prints how it ended and what it wrote. */
const SCRIPT = `
import json, os, sys
from zenml_upgrade_fork_server.jobs import run_job

job, directory, server_fds, is_read = json.loads(sys.argv[1])
read_fd, write_fd = os.pipe()
if not is_read:
    os.close(read_fd)
output_fd = os.open(os.devnull, os.O_WRONLY)
server_pid = os.getpid()
pid = os.fork()
if pid == 0:
    try:
        run_job(job, directory, (write_fd, output_fd), server_pid, server_fds)
    finally:
        os._exit(${CAME_BACK})
os.close(write_fd)
status = os.waitpid(pid, 0)[1]
written = os.read(read_fd, 1 << 16).decode() if is_read else None
print(json.dumps({"exitCode": os.WEXITSTATUS(status), "written": written}))
`
const NEVER_OPENED = 999

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fork-server-child-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

/** Runs a job that fails, because its source root does not exist. */
function runJob(serverFds: readonly number[], isRead: boolean) {
  const job = {
    op: 'configure',
    sourceRoot: join(directory, 'missing'),
  }
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-B', '-c', SCRIPT, JSON.stringify([job, directory, serverFds, isRead])],
    { cwd: resolve('src/zenml-client'), encoding: 'utf8' },
  )
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as { exitCode: number; written: string | null }
}

describe('a child of the fork server', () => {
  it('ends after it wrote its result', () => {
    const { exitCode, written } = runJob([], true)
    expect(exitCode).toBe(0)
    expect(written).toContain('is not a directory')
  })

  it('ends when its result cannot be written', () => {
    expect(runJob([], false).exitCode).toBe(1)
  })

  it('reports that it could not leave the server, and ends', () => {
    const { exitCode, written } = runJob([NEVER_OPENED], true)
    expect(exitCode).toBe(0)
    expect(written).toContain('Bad file descriptor')
  })
})

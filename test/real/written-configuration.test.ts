import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import { clientEnvironment, NEW } from '../support/environments.ts'

const SCRIPT = `
import json, sys
from zenml_upgrade_fork_server.pipeline_configuration import write_configuration
write_configuration(sys.argv[1], json.loads(sys.argv[2]), {})
`

it('keeps the order of a mapping among the parameters, which code may walk through', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'written-configuration-'))
  try {
    const path = join(directory, 'run-configuration.yaml')
    const configuration = { parameters: { models: { forest: {}, boost: {} } } }
    const python = join(await clientEnvironment(NEW), 'bin', 'python')
    const { stderr, status } = spawnSync(
      python,
      ['-B', '-c', SCRIPT, path, JSON.stringify(configuration)],
      { cwd: resolve('src/zenml-client'), encoding: 'utf8' },
    )
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(await readFile(path, 'utf8')).toMatch(/forest[^]*boost/)
  } finally {
    await rm(directory, { recursive: true })
  }
})

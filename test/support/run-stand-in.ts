// Runs a stand-in as the runner runs an action of Node.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { standIn } from './stand-ins.ts'

export interface StandInRun {
  /** Such as `actions/upload-artifact`. */
  readonly action: string
  readonly inputs: Readonly<Record<string, string>>
  readonly workspace: string
  /** Directory that stands for the artifacts of the run. */
  readonly artifacts: string
}

export function runStandIn({ action, inputs, workspace, artifacts }: StandInRun): {
  readonly succeeded: boolean
  readonly log: string
  /** What it wrote into GITHUB_OUTPUT. */
  readonly outputs: string
} {
  const directory = mkdtempSync(join(tmpdir(), 'stand-in-run-'))
  try {
    const output = join(directory, 'output')
    writeFileSync(output, '')
    const { status, stdout } = spawnSync(process.execPath, [join(standIn(action), 'main.mjs')], {
      cwd: workspace,
      env: {
        PATH: process.env['PATH'],
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: output,
        STAND_IN_ARTIFACTS: artifacts,
        ...Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
      },
      encoding: 'utf8',
    })
    return { succeeded: status === 0, log: stdout, outputs: readFileSync(output, 'utf8') }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

// A full disk without root: a limit on the size of files fails the same writes in the same way.
import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '..', '..')

/**
 * Makes a backup in a process of its own that cannot write files larger than `fileBytes`; what it
 * throws comes back as JSON.
 */
export async function runLimited(job: {
  config: unknown
  directory: string
  facts: unknown
  fileBytes: number
  env?: Readonly<Record<string, string>>
}): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'zenml-limited-'))
  try {
    const outfile = join(folder, 'make.cjs')
    await build({
      stdin: {
        resolveDir: ROOT,
        loader: 'ts',
        contents: `
          import { createBackup } from './src/backup/backup.ts'
          import { processLog } from './src/runtime/log.ts'
          const { config, directory, facts } = JSON.parse(process.argv[2])
          const machine = { env: process.env, log: processLog(process.env), signal: new AbortController().signal, now: () => new Date(), monotonic: () => performance.now() / 1000, sleep: async () => {} }
          createBackup(config, { machine, environment: 'staging', reportDirectory: directory + '/report', workingDirectory: directory })
            .make('limited', facts)
            .then((report) => console.log(JSON.stringify({ report })), (error) => console.log(JSON.stringify({ code: error.code, message: error.message })))`,
      },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      loader: { '.py': 'text' },
    })
    const blocks = Math.max(1, Math.floor(job.fileBytes / 1024))
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, outfile, JSON.stringify(job)],
      { env: { ...process.env, ...job.env } },
    )
    return JSON.parse(stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

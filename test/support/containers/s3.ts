import { freePort } from '../zenml.ts'
import { tool } from '../environments.ts'
import { startInBackground } from './background.ts'

export interface TestS3 {
  readonly endpoint: string
  /** Variables with which a client of S3 is let in. */
  readonly variables: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Starts a server that answers as S3 does, with one empty bucket `bucket`. It keeps all in memory. */
export async function startS3(directory: string, bucket: string): Promise<TestS3> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = await startInBackground({
    argv: [
      await tool('moto[s3,server]==5.2.5', 'moto_server'),
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ],
    env: process.env,
    directory,
    name: 's3',
    ready: () =>
      fetch(`${endpoint}/moto-api/`).then(
        ({ ok }) => ok,
        () => false,
      ),
  })
  const made = await fetch(`${endpoint}/${bucket}`, { method: 'PUT' })
  if (!made.ok) throw new Error(`the bucket cannot be made: ${await made.text()}`)
  const variables = {
    AWS_ACCESS_KEY_ID: 'of-tests',
    AWS_SECRET_ACCESS_KEY: 'of-tests',
    AWS_DEFAULT_REGION: 'us-east-1',
  }
  return { endpoint, variables, stop: () => server.stop() }
}

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NEW } from './environments.ts'
import { httpServer } from './http-server.ts'

/** A repository whose staging server is at the target and has nothing but a project. */
export interface EmptyServerPlace {
  readonly workspace: string
  close(): Promise<void>
}

export async function emptyServerPlace(): Promise<EmptyServerPlace> {
  const workspace = await mkdtemp(join(tmpdir(), 'empty-server-'))
  await promisify(execFile)('git', ['init', '--quiet', workspace])
  const server = await httpServer(({ path }) => {
    if (path.endsWith('/login')) return { json: { access_token: 'token', expires_in: null } }
    if (path.endsWith('/info')) return { json: { id: 'server', version: NEW, active: true } }
    if (path.endsWith('/current-user')) return { json: { id: 'user', name: 'ci', body: {} } }
    const items = path.endsWith('/projects') ? [{ id: 'project', name: 'default' }] : []
    return { json: { items, total: items.length, total_pages: 1, index: 1, max_size: 500 } }
  })
  await writeFile(
    join(workspace, 'zenml-upgrade.yml'),
    `zenml: ${NEW}
sources: [{ name: churn, python: "3.11" }]
environments:
  staging: { server: "${server.url}", deploy: { command: { deploy: "true" } } }
  production: { server: "https://production.example.com", deploy: { command: { deploy: "true" } } }
`,
  )
  return {
    workspace,
    async close() {
      await server.close()
      await rm(workspace, { recursive: true })
    },
  }
}

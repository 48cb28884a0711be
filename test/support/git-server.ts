import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * Repositories over HTTP, served by git's own program, as GitHub serves them: a repository that one
 * may not see is not there.
 */
export interface GitServer {
  readonly url: string
  /** Paths that were asked for, with the credentials they came with. */
  readonly seen: { readonly path: string; readonly authorization: string | undefined }[]
  /** The next so many requests are answered with this status. */
  fail(status: number, times: number): void
  /** Commits files on a branch of a repository; null removes one. Gives the commit. */
  commit(
    repository: string,
    branch: string,
    files: Readonly<Record<string, string | null>>,
  ): Promise<string>
  git(repository: string, ...args: readonly string[]): string
  /** Stores a file as Git LFS does; gives the pointer to commit in its place. */
  storeLfs(repository: string, content: string): Promise<string>
  close(): Promise<void>
}

/** `tokens`: who reads which repository. One that nobody is named for is public. */
export async function gitServer(tokens: Readonly<Record<string, string>> = {}): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'git-server-'))
  const seen: { path: string; authorization: string | undefined }[] = []
  const failing = { status: 0, times: 0 }
  const server = createServer((request, response) => {
    const { authorization } = request.headers
    const url = new URL(request.url ?? '/', 'http://localhost')
    // With that end or without: it is one repository.
    url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\.git\//, '$1/')
    seen.push({ path: url.pathname, authorization })
    if (failing.times > 0) {
      failing.times -= 1
      response.writeHead(failing.status).end()
      return
    }
    const [, owner = '', name = ''] = url.pathname.split('/')
    const token = tokens[`${owner}/${name}`]
    if (
      token !== undefined &&
      authorization !== `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
    ) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end()
      return
    }
    if (url.pathname.includes('/info/lfs/')) void lfs(root, url, request, response)
    else void backend(root, url, request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const git = (repository: string, ...args: readonly string[]) =>
    execFileSync(
      'git',
      [
        '-C',
        join(root, 'work', repository),
        '-c',
        'user.name=octocat',
        '-c',
        'user.email=octocat@example.com',
        ...args,
      ],
      { encoding: 'utf8' },
    ).trim()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    git,
    fail(status, times) {
      Object.assign(failing, { status, times })
    },
    async storeLfs(repository, content) {
      const oid = createHash('sha256').update(content).digest('hex')
      await mkdir(join(root, 'lfs', repository), { recursive: true })
      await writeFile(join(root, 'lfs', repository, oid), content)
      return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${Buffer.byteLength(content)}\n`
    },
    async commit(repository, branch, files) {
      const work = join(root, 'work', repository)
      const bare = join(root, 'bare', repository)
      if (!existsSync(bare)) {
        await mkdir(work, { recursive: true })
        execFileSync('git', [
          'init',
          '--quiet',
          '--bare',
          '--template=',
          '--initial-branch=main',
          bare,
        ])
        // As on GitHub.
        for (const setting of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant'])
          execFileSync('git', ['-C', bare, 'config', setting, 'true'])
        execFileSync('git', ['init', '--quiet', '--template=', '--initial-branch=main', work])
        git(repository, 'remote', 'add', 'origin', bare)
      }
      git(repository, 'checkout', '--quiet', '-B', branch)
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(work, path)), { recursive: true })
        if (text === null) await rm(join(work, path))
        else await writeFile(join(work, path), text)
      }
      git(repository, 'add', '--all')
      git(
        repository,
        'commit',
        '--quiet',
        '--no-gpg-sign',
        '--allow-empty',
        '--message',
        `Change ${Object.keys(files).join(', ')}`,
      )
      git(repository, 'push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`)
      return git(repository, 'rev-parse', 'HEAD')
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/**
 * The batch API and basic downloads of Git LFS, for objects that were put into `lfs/<oid>` of the
 * repository's directory:
 * https://github.com/git-lfs/git-lfs/blob/v3.6.1/docs/api/batch.md
 */
async function lfs(
  root: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, owner = '', name = ''] = url.pathname.split('/')
  const stored = join(root, 'lfs', owner, name)
  if (request.method === 'GET') {
    response.end(await readFile(join(stored, url.pathname.split('/').at(-1) ?? '')))
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { objects } = JSON.parse(Buffer.concat(chunks).toString()) as {
    objects: { oid: string; size: number }[]
  }
  const href = (oid: string) =>
    `http://${request.headers.host ?? ''}/${owner}/${name}/info/lfs/objects/${oid}`
  response.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' }).end(
    JSON.stringify({
      transfer: 'basic',
      objects: objects.map((object) => ({
        ...object,
        ...(existsSync(join(stored, object.oid))
          ? {
              authenticated: true,
              actions: {
                download: {
                  href: href(object.oid),
                  header: { authorization: request.headers.authorization ?? '' },
                },
              },
            }
          : { error: { code: 404, message: 'Object does not exist' } }),
      })),
    }),
  )
}

/** https://git-scm.com/docs/git-http-backend: a CGI program. */
async function backend(
  root: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: join(root, 'bare'),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
  })
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const output = Buffer.concat(chunks)
  const end = output.indexOf('\r\n\r\n')
  const headers = Object.fromEntries(
    output
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(': ') as [string, string]),
  )
  const { Status: status, ...rest } = headers
  response
    .writeHead(status === undefined ? 200 : Number.parseInt(status, 10), rest)
    .end(output.subarray(end + 4))
}

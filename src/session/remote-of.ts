import { git } from '../git/git.ts'
import type { Remote } from '../git/remote-git.ts'
import { appFor } from '../github/app-key.ts'
import { appToken } from '../github/app-token.ts'
import { githubServer, isOnGithub } from '../github/context.ts'
import { defaultCacheDirectory } from '../runtime/cache.ts'
import { certificateVariables } from '../runtime/certificates.ts'
import type { Machine } from '../runtime/runtime.ts'
import { registerSecret } from '../runtime/secrets.ts'
import { urlPasswords } from '../runtime/url-passwords.ts'
import { contextOf } from '../state/backend.ts'

/** Makes what git needs to read a repository of GitHub from this machine. */
export async function remoteOf(
  { machine, githubToken }: { readonly machine: Machine; readonly githubToken: string | undefined },
  repository: string,
): Promise<Remote> {
  return {
    // With its end: as the beginning of an address it stands for no other repository.
    url: `${githubServer(machine.env)}/${repository}.git`,
    token: await tokenFor(repository, machine, githubToken),
    env: await certificateVariables(machine, defaultCacheDirectory(machine)),
    signal: machine.signal,
  }
}

/**
 * Makes what git needs to read the `origin` of a clone as the user's own configuration does. The
 * address is empty where the clone has none. A password in it, as GitLab writes one, becomes a
 * secret and leaves the address, which the log shows.
 */
export async function localRemote(folder: string, machine: Machine): Promise<Remote> {
  const address = (await git(folder, ['config', 'remote.origin.url']).catch(() => '')).trim()
  for (const password of urlPasswords(address)) registerSecret(password)
  return { ...splitAddress(address), env: {}, signal: machine.signal }
}

/** Takes the user and the password out of an address of HTTP. Pure. */
export function splitAddress(address: string): Pick<Remote, 'url' | 'token' | 'username'> {
  if (!/^https?:/i.test(address) || !URL.canParse(address))
    return { url: address, token: undefined }
  const { username, password } = new URL(address)
  return {
    url: address.replace(/^(https?:\/\/)[^/?#]*@/i, '$1'),
    token: decoded(password),
    username: decoded(username),
  }
}

/** Undefined for an empty text. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text) || undefined
  } catch {
    // A per cent sign that is none of an escape stands for itself.
    return text
  }
}

/** A clone of this repository, and the token of the job for it. */
export interface OwnClone {
  readonly machine: Machine
  readonly workingDirectory: string
  readonly githubToken: string | undefined
}

/** Makes what git needs to read this repository: from GitHub in a job, else as the user does. */
export async function ownRemote({
  machine,
  workingDirectory,
  githubToken,
}: OwnClone): Promise<Remote> {
  const name = machine.env['GITHUB_REPOSITORY']?.trim() ?? ''
  return name === ''
    ? localRemote(workingDirectory, machine)
    : remoteOf({ machine, githubToken }, name)
}

/**
 * This repository is read by the token of the job; others by the token of the workflow, else by one
 * of the app. Without any, git asks whom the user's configuration names.
 */
async function tokenFor(
  repository: string,
  machine: Machine,
  githubToken: string | undefined,
): Promise<string | undefined> {
  const own =
    machine.env['GITHUB_REPOSITORY']?.toLowerCase() === repository.toLowerCase()
      ? githubToken
      : undefined
  const given = own ?? machine.env['ZENML_UPGRADE_SOURCES_TOKEN']?.trim() ?? ''
  if (given !== '') return given
  const app = isOnGithub(machine.env) ? appFor(machine, 'reading') : undefined
  if (app === undefined) return undefined
  const [owner = '', name = ''] = repository.split('/')
  const { urls } = await contextOf(machine)
  return (
    await appToken({
      context: { repository: { owner, name }, urls },
      app,
      machine,
      permissions: { contents: 'read' },
    })
  )?.token
}

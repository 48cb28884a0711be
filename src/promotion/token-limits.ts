import { APPROVE_BUTTON } from '../report/wording.ts'

/** Whose key GitHub sees: the token of the workflow run, or that of a GitHub App. */
export type Identity = 'github-token' | 'app'

export interface Place {
  /** `https://github.com`, or the address of a GitHub Enterprise Server. */
  readonly serverUrl: string
  /** `owner/name`. */
  readonly repository: string
}

const APP = 'the key of a GitHub App lifts that'

/** What GitHub does not do for this identity, as sentences; none for a GitHub App. */
export function tokenLimits(
  identity: Identity,
  change: {
    readonly base: string
    readonly workflowFiles: boolean
    readonly openedWithToken: boolean
  },
): string[] {
  return [
    ...(change.openedWithToken
      ? [
          `This pull request was opened with GITHUB_TOKEN, so its workflows wait: click "${APPROVE_BUTTON}" on its page; on a GitHub Enterprise Server without that button, close and reopen it; ${APP}.`,
        ]
      : []),
    ...(identity === 'app' ? [] : mergeLimits(change)),
  ]
}

function mergeLimits(change: { readonly base: string; readonly workflowFiles: boolean }): string[] {
  return [
    `Merge it by hand: GitHub starts no workflow on \`${change.base}\` for a merge by GITHUB_TOKEN; ${APP}.`,
    ...(change.workflowFiles
      ? [
          `It changes files under \`.github/workflows\`, which GITHUB_TOKEN cannot merge: a person can; ${APP}, where it has the permission workflows.`,
        ]
      : []),
  ]
}

export const CREATE_SETTING = 'Allow GitHub Actions to create and approve pull requests'

/**
 * Where GitHub refuses to let a workflow open pull requests: the setting by its name, and the link
 * by which a person opens it.
 */
export function creationForbidden(
  place: Place,
  { head, base }: { readonly head: string; readonly base: string },
): { readonly summary: string; readonly next: string } {
  return {
    summary: `${place.repository}: GitHub does not let GITHUB_TOKEN open pull requests`,
    next: `Open it at ${compareLink(place, head, base)}, or switch on "${CREATE_SETTING}" under Settings → Actions → General of the repository, and of its organisation where that is greyed out; ${APP}.`,
  }
}

/** The page on which a person opens the pull request. */
export function compareLink({ serverUrl, repository }: Place, head: string, base: string): string {
  const branch = (name: string) => name.split('/').map(encodeURIComponent).join('/')
  return `${serverUrl.replace(/\/+$/, '')}/${repository}/compare/${branch(base)}...${branch(head)}?expand=1`
}

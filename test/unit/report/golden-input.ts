import type { CommentInput } from '../../../src/report/comment.ts'
import { CASES, JOBS } from './golden-cases.ts'

const REPOSITORY = 'https://github.com/acme/churn'
const RUN = `${REPOSITORY}/actions/runs/81/attempts/1`

/** What a report on GitHub knows of a case: all of it was found out by this very run. */
export function goldenInput(name: string): CommentInput {
  const results = CASES[name] ?? []
  return {
    results,
    configPath: 'zenml-upgrade.yml',
    jobs: JOBS[name] ?? [],
    github: {
      results,
      pages: {
        rerun: RUN,
        'rerun-all': RUN,
        runs: `${REPOSITORY}/actions/workflows/zenml.yml`,
        form: `${REPOSITORY}/actions/workflows/zenml.yml`,
        file: `${REPOSITORY}/blob/4f2c1e0/zenml-upgrade.yml`,
        'file-zenml': `${REPOSITORY}/blob/4f2c1e0/zenml-upgrade.yml#L2`,
        'file-smoke': `${REPOSITORY}/blob/4f2c1e0/zenml-upgrade.yml#L20`,
        'pull-request': `${REPOSITORY}/pull/7`,
        promotion: `${REPOSITORY}/pull/7`,
        secrets: `${REPOSITORY}/settings/secrets/actions`,
        settings: `${REPOSITORY}/settings/actions`,
      },
    },
    commit: { label: 'commit 4f2c1e0', url: `${REPOSITORY}/commit/4f2c1e0` },
    run: { label: 'run 81.1', url: RUN },
  }
}

import { expect, it } from '@jest/globals'
import { FLOW_JOBS, JOB_IDS } from '../../src/report/flow-jobs.ts'
import { REUSABLE, reusablePath, workflow } from '../support/workflow-files.ts'

// A report finds a job by its id in the workflow and by its name on GitHub.

const jobs = REUSABLE.filter((name) => name !== 'zenml-upgrade').flatMap((name) =>
  Object.entries(workflow(reusablePath(name)).jobs),
)

it('knows every job that a report waits for, and no other', () => {
  const waitedFor = jobs.flatMap(([id, { needs = [] }]) => (id === 'report' ? needs : []))
  expect([...new Set(waitedFor)].sort()).toEqual([...JOB_IDS].sort())
})

it('knows every job by the name that GitHub shows', () => {
  for (const id of JOB_IDS) {
    const names = jobs.flatMap(([other, { name = '' }]) =>
      other === id ? name.replace(/ \$\{\{.*$/, '') : [],
    )
    expect([id, [...new Set(names)].sort()]).toEqual([id, [...FLOW_JOBS[id].names].sort()])
  }
})

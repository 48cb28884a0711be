import { expect, it } from '@jest/globals'
import { snapshotFact } from '../../../src/init/inspect.ts'
import { changed, discovered } from '../snapshots/example.ts'

it('the folder of a code reference counts where it is one of this repository', () => {
  const training = discovered('training')
  const record = changed(training.record, (copy) => {
    const body = { commit: 'a'.repeat(40), subdirectory: 'ml', code_repository: { id: 'ours' } }
    copy.resources.code_reference = { id: 'c1', body }
  })
  expect(snapshotFact({ ...training, record }, new Set(['ours'])).subdirectory).toBe('ml')
  expect(snapshotFact({ ...training, record }, new Set(['theirs'])).subdirectory).toBeNull()
  expect(snapshotFact(training, new Set(['ours'])).subdirectory).toBeNull()
})

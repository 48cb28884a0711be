import { expect, it } from '@jest/globals'
import { differentPackages } from '../../../src/runs/packages.ts'

const lines = (...packages: readonly string[]) => packages.join('\n')

it('names packages whose major or minor version differs, those of the traceback first', () => {
  const before = lines(
    'boto3==1.40.1',
    'numpy==2.3.1',
    'pandas==2.2.3',
    'zenml==0.94.1',
    'old==1.0',
  )
  const after = lines('boto3==1.43.0', 'numpy==2.3.5', 'pandas==3.0.0', 'zenml==0.98.0', 'new==1.0')
  expect(differentPackages(before, after, 'File "/site-packages/pandas/core/frame.py"')).toBe(
    'pandas 2.2.3 → 3.0.0, boto3 1.40.1 → 1.43.0',
  )
})

it('names at most ten packages, and none where nothing is known or differs', () => {
  const packages = (version: string) =>
    lines(...Array.from({ length: 12 }, (_, index) => `p${index}==${version}`))
  expect(differentPackages(packages('1.0'), packages('2.0'), '')).toMatch(
    /^p0 1\.0 → 2\.0, .*p9 1\.0 → 2\.0, 2 more$/,
  )
  expect(differentPackages('', packages('2.0'), '')).toBeUndefined()
  expect(differentPackages(packages('2.0.1'), packages('2.0.2'), '')).toBeUndefined()
})

import { describe, expect, it } from '@jest/globals'
import { promotionStatusName } from '../../../src/github/status.ts'

describe('the name of the commit status', () => {
  it.each([
    ['zenml-upgrade.yml', 'zenml-upgrade/promotion'],
    ['./zenml-upgrade.yml', 'zenml-upgrade/promotion'],
    ['teams/b.yml', 'zenml-upgrade/promotion: teams/b.yml'],
    ['./teams/../teams/b.yml', 'zenml-upgrade/promotion: teams/b.yml'],
  ])('of the file %s is %s', (config, name) => {
    expect(promotionStatusName(config)).toBe(name)
  })
})

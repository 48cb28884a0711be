import { jest } from '@jest/globals'
import { describeCarryover } from '../support/snapshot-carryover.ts'

jest.setTimeout(600_000)

describeCarryover('0.92.0', '0.97.0')

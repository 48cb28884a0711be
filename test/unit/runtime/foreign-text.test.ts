import { expect, it } from '@jest/globals'
import { cleanLine } from '../../../src/runtime/foreign-text.ts'
import { registerSecret } from '../../../src/runtime/secrets.ts'

it('foreign text has no secret that colours take apart, and none that is itself coloured', () => {
  registerSecret('secret-of-the-user')
  registerSecret('with-\u001B[1mcolours')
  expect(cleanLine('one secret-\u001B[1mof-the-user, two with-\u001B[1mcolours')).toBe(
    'one ***, two ***',
  )
})

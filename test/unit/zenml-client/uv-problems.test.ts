import { describe, expect, it } from '@jest/globals'
import { judgeUv } from '../../../src/zenml-client/uv-problems.ts'
import { registerSecret } from '../../../src/runtime/secrets.ts'

// Texts as uv 0.5.0 and 0.13.9 wrote them.
const REFUSED = `error: No solution found when resolving dependencies
  cause: Because zenml was not found in the package registry and you require zenml==0.98.0, we can conclude that your requirements are unsatisfiable.

hint: An index URL (http://127.0.0.1:18401/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)`

describe('judgeUv', () => {
  it.each([
    [
      'no version of that name',
      'error: No solution found when resolving dependencies\n  cause: Because there is no version of zenml==9.9.9 and you require zenml==9.9.9, we can conclude that your requirements are unsatisfiable.',
      'no-version',
    ],
    [
      'the same, drawn as a tree and wrapped',
      '  × No solution found when resolving dependencies:\n  ╰─▶ Because there is no version of\n      zenml[local]==9.9.9 and you require\n      zenml[local]==9.9.9, we can conclude that your requirements are unsatisfiable.',
      'no-version',
    ],
    ['an index without ZenML', REFUSED.split('\n\n')[0], 'no-version'],
    ['an index that refuses the credentials', REFUSED, 'unreachable'],
    [
      'an index that forbids',
      REFUSED.replace(
        /An index URL.*/,
        'An index (http://127.0.0.1:18403/simple) returned a 403 Forbidden error.',
      ),
      'unreachable',
    ],
    [
      'a refused connection',
      'error: Request failed after 3 retries in 9.8s\n  cause: Failed to fetch: http://127.0.0.1:9/simple/zenml/\n  cause: error sending request for url (http://127.0.0.1:9/simple/zenml/)\n  cause: client error (Connect)',
      'unreachable',
    ],
    [
      'an index in trouble',
      'error: Failed to fetch: http://127.0.0.1:18500/simple/zenml/\n  cause: HTTP status server error (500 Internal Server Error) for url (http://127.0.0.1:18500/simple/zenml/)',
      'unreachable',
    ],
    [
      'a Python that is too old',
      'error: No solution found when resolving dependencies\n  cause: Because the requested Python version (>=3.9) does not satisfy Python>=3.10,<3.15 and zenml==0.98.0 depends on Python>=3.10,<3.15, we can conclude that zenml==0.98.0 cannot be used.\n         And because only zenml<=0.98.0 is available and you require zenml==0.98.0, we can conclude that your requirements are unsatisfiable.',
      'conflict',
    ],
    [
      'requirements that exclude each other',
      'error: No solution found when resolving dependencies\n  cause: Because zenml>=0.98.0 depends on pydantic>=2.0,<=2.12.5 and you require zenml==0.98.0, we can conclude that you require pydantic>=2.0.',
      'conflict',
    ],
    [
      'another package that is missing',
      'error: No solution found when resolving dependencies\n  cause: Because zenml-helpers was not found in the package registry and you require zenml-helpers, we can conclude that your requirements are unsatisfiable.',
      'conflict',
    ],
    ['anything else', 'error: Permission denied (os error 13)', 'other'],
    ['nothing at all', '', 'other'],
  ])('tells %s', (_name, stderr, kind) => {
    expect(judgeUv(stderr ?? '').kind).toBe(kind)
  })

  it('explains in one line without the password of the index', () => {
    registerSecret('hunter22')
    const { explanation } = judgeUv(
      'error: Failed to fetch: https://me:hunter22@pypi.example.com/simple/zenml/\n  cause: dns error',
    )
    expect(explanation).toBe(
      'error: Failed to fetch: https://me:***@pypi.example.com/simple/zenml/ dns error',
    )
  })
})

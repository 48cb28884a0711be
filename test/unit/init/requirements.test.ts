import { describe, expect, it } from '@jest/globals'
import { proposeRequirements } from '../../../src/init/requirements.ts'

const propose = (path: string, files: string[], projectFiles: string[] = []) =>
  proposeRequirements(path, { files, projectFiles })

describe('the requirements that init proposes for a source', () => {
  it('are the plain file of its root, which needs no reason', () => {
    expect(propose('ml', ['ml/requirements.txt', 'uv.lock'])).toEqual({
      file: 'requirements.txt',
      why: null,
    })
  })

  it.each(['uv.lock', 'poetry.lock', 'pylock.toml'])(
    'are %s before a loose file of the same folder',
    (lock) => {
      expect(
        propose('.', ['requirements.txt', 'pyproject.toml', lock], ['pyproject.toml']),
      ).toEqual({ file: lock, why: `${lock} has exact versions` })
    },
  )

  it('are those of the nearest folder above, relative to the source', () => {
    expect(propose('teams/a/ml', ['teams/requirements.txt', 'uv.lock', 'teams/b/uv.lock'])).toEqual(
      {
        file: '../../requirements.txt',
        why: 'the nearest requirements',
      },
    )
    expect(propose('teams/a', ['uv.lock', 'pyproject.toml'])).toEqual({
      file: '../../uv.lock',
      why: 'uv.lock has exact versions, the nearest above it',
    })
  })

  it('are a pyproject.toml only where it names dependencies', () => {
    expect(propose('ml', ['ml/pyproject.toml', 'requirements.txt'])?.file).toBe(
      '../requirements.txt',
    )
    expect(propose('ml', ['ml/pyproject.toml'], ['ml/pyproject.toml'])).toEqual({
      file: 'pyproject.toml',
      why: 'the dependencies of the project',
    })
  })

  it('are another requirements file that is not for tests or documents', () => {
    expect(propose('.', ['requirements-dev.txt', 'requirements-ml.txt'])?.file).toBe(
      'requirements-ml.txt',
    )
    expect(propose('.', ['requirements-test.txt', 'docs/requirements.txt'])).toBeNull()
  })
})

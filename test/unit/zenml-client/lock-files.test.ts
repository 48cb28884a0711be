import { describe, expect, it } from '@jest/globals'
import { isLockFile } from '../../../src/zenml-client/lock-files.ts'
import { releasedVersions } from '../../../src/zenml-client/locked-versions.ts'
import { poetryPins } from '../../../src/zenml-client/poetry-lock.ts'
import { pylockPins } from '../../../src/zenml-client/pylock.ts'

describe('isLockFile', () => {
  it.each(['uv.lock', '/ml/poetry.lock', 'pylock.toml', '../pylock.ml.toml'])(
    'knows %s by its name',
    (path) => {
      expect(isLockFile(path)).toBe(true)
    },
  )

  it.each(['requirements.lock', 'pyproject.toml', 'my-uv.lock', 'Pipfile.lock'])(
    'takes %s for no lock file',
    (path) => {
      expect(isLockFile(path)).toBe(false)
    },
  )
})

// As Poetry 2.1 writes it.
const POETRY_2 = `
[[package]]
name = "pandas"
version = "2.2.3"
optional = false
groups = ["main", "dev"]
markers = "python_version < \\"3.13\\""

[[package]]
name = "exceptiongroup"
version = "1.2.2"
optional = false
groups = ["main", "dev"]
markers = {main = "python_version == \\"3.10\\"", dev = "python_version < \\"3.11\\""}

[[package]]
name = "torch"
version = "2.5.0"
optional = true
groups = ["main"]
markers = "extra == \\"gpu\\""

[[package]]
name = "ruff"
version = "0.8.0"
optional = false
groups = ["dev"]

[[package]]
name = "fork"
version = "0.1.0"
optional = false
groups = ["main"]
[package.source]
type = "git"
url = "https://git.example.com/fork.git"
reference = "main"
resolved_reference = "abc"
subdirectory = "python"

[[package]]
name = "shared"
version = "0.1.0"
optional = false
groups = ["main"]
[package.source]
type = "directory"
url = "../shared"

[[package]]
name = "internal"
version = "3.0"
optional = false
groups = ["main"]
[package.source]
type = "legacy"
url = "https://pypi.example.com/simple"
reference = "ours"
`

// As Poetry 1.8 writes it: without the groups of a package.
const POETRY_1 = `
[[package]]
name = "Pandas"
version = "2.2.3"
optional = false
[package.dependencies]
python_dateutil = ">=2.8.2"

[[package]]
name = "python-dateutil"
version = "2.9.0"
optional = false
[package.dependencies]
six = ">=1.5"

[[package]]
name = "six"
version = "1.16.0"
optional = false

[[package]]
name = "ruff"
version = "0.8.0"
optional = false
`

describe('poetryPins', () => {
  it('has the main group with markers and addresses, and no code of the repository', () => {
    expect(poetryPins(POETRY_2, undefined)).toEqual([
      'pandas==2.2.3 ; python_version < "3.13"',
      'exceptiongroup==1.2.2 ; python_version == "3.10"',
      'fork @ git+https://git.example.com/fork.git@abc#subdirectory=python',
      'internal==3.0',
    ])
  })

  it.each([
    '[tool.poetry.dependencies]\npython = "^3.10"\npandas = "^2"\nruff = { version = "*", optional = true }\n[tool.poetry.group.dev.dependencies]\nruff = "*"\n',
    '[project]\ndependencies = ["pandas>=2"]\n',
  ])('has what the project needs where Poetry wrote no groups', (project) => {
    expect(poetryPins(POETRY_1, project)).toEqual([
      'Pandas==2.2.3',
      'python-dateutil==2.9.0',
      'six==1.16.0',
    ])
  })

  it('ends for a lock file of Poetry 1 with thousands of packages that need each other', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `package-${index}`)
    const packages = names.map(
      (name, index) =>
        `[[package]]\nname = "${name}"\nversion = "1"\n[package.dependencies]\n${names[index + 1] ?? 'python'} = "*"\n`,
    )
    const project = `[project]\ndependencies = ["${names[0] ?? ''}"]\n`
    expect(poetryPins(packages.join('\n'), project)).toEqual(names.map((name) => `${name}==1`))
  })

  it.each([
    ['git@github.com:acme/lib.git', 'ssh://git@github.com/acme/lib.git'],
    ['github.com:acme/lib.git', 'ssh://github.com/acme/lib.git'],
    ['git@git.example.com:/srv/lib.git', 'ssh://git@git.example.com/srv/lib.git'],
    ['ssh://git@github.com/acme/lib.git', 'ssh://git@github.com/acme/lib.git'],
    ['https://user@git.example.com:8443/lib.git', 'https://user@git.example.com:8443/lib.git'],
  ])('writes the address of the Git repository %s as %s', (url, address) => {
    const lockText = POETRY_2.replace('https://git.example.com/fork.git', url)
    expect(poetryPins(lockText, undefined)).toContain(
      `fork @ git+${address}@abc#subdirectory=python`,
    )
  })
})

describe('pylockPins', () => {
  it('has the packages with markers and addresses, without extras, groups and local code', () => {
    expect(
      pylockPins(`
lock-version = "1.0"
created-by = "uv"
[[packages]]
name = "pandas"
version = "2.2.3"
marker = "sys_platform == 'linux'"
[[packages]]
name = "torch"
version = "2.5.0"
marker = "'gpu' in extras"
[[packages]]
name = "fork"
vcs = { type = "git", url = "https://git.example.com/fork.git", commit-id = "abc" }
[[packages]]
name = "wheel"
archive = { url = "https://example.com/wheel.whl", hashes = {} }
[[packages]]
name = "shared"
directory = { path = "../shared" }
`),
    ).toEqual([
      "pandas==2.2.3 ; sys_platform == 'linux'",
      'fork @ git+https://git.example.com/fork.git@abc',
      'wheel @ https://example.com/wheel.whl',
    ])
  })
})

describe('releasedVersions', () => {
  it('names the packages that got another version than the lock file has, but for ZenML', () => {
    const content = [
      'zenml==0.94.1',
      'opentelemetry_sdk==1.38.0',
      'pandas==2.2.3',
      "multidict==7.1.0 ; python_version < '3.11'",
      "multidict==7.2.1 ; python_version >= '3.11'",
      'fork @ git+https://git.example.com/fork.git@abc',
    ].join('\n')
    const resolved =
      'zenml==0.98.0\nopentelemetry-sdk==1.43.0\npandas==2.2.3\nmultidict==7.2.1\nnew==1\n'
    expect(releasedVersions([{ path: 'uv.lock', content }], resolved)).toEqual([
      'opentelemetry-sdk 1.43.0 (locked: 1.38.0)',
    ])
  })
})

import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

// Without ZenML: what these modules say depends on the files of the repository alone.
const SCRIPT = `
import json, sys
from zenml_upgrade_fork_server.results import explain
from zenml_upgrade_fork_server.pipeline_import import path_remedy
from zenml_upgrade_fork_server.missing_modules import missing_module_remedy
job = json.loads(sys.argv[1])
try:
    answer = eval(sys.argv[2])
except Exception as error:
    answer = explain(error, job)
print(json.dumps(answer))
`

let repository: string

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'import-failures-'))
  await mkdir(join(repository, '.git'))
})
afterEach(() => rm(repository, { recursive: true }))

async function files(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), text)
  }
}

interface Asked {
  readonly root?: string
  readonly requirements?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

function answerTo(code: string, { root = '.', requirements = [], env = {} }: Asked = {}): unknown {
  const job = {
    op: 'configure',
    sourceRoot: join(repository, root),
    pipelineSource: 'pipelines.training.train',
    source: { name: 'churn', requirements, environment: 'staging' },
  }
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', SCRIPT, JSON.stringify(job), code], {
    cwd: resolve('src/zenml-client'),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('a recorded module that cannot be imported', () => {
  const remedy = (root?: string) =>
    answerTo("path_remedy('pipelines.training', job)", root === undefined ? {} : { root })

  it('names the path from which the only file of the repository is imported', async () => {
    await files({ 'ml/pipelines/training.py': '', 'ml/annual_pipelines/training.py': '' })
    expect(remedy()).toBe('The module is in this repository: set `path: ml` of the source.')
    expect(remedy('ml/annual_pipelines')).toContain('`path: ml`')
  })

  it('names the root of the repository where the path of the source is too deep', async () => {
    await files({ 'pipelines/training/__init__.py': '' })
    expect(remedy('pipelines')).toContain('`path: .`')
  })

  it('names every directory that has it, up to ten', async () => {
    const teams = Array.from({ length: 12 }, (_, index) => `team-${index + 10}`)
    await files(Object.fromEntries(teams.map((team) => [`${team}/pipelines/training.py`, ''])))
    expect(remedy()).toBe(
      `12 directories of the repository have this module: ${teams.slice(0, 10).join(', ')}, and 2 more. Set \`path\` of the source to that of the snapshot's code.`,
    )
  })

  it('says that there is none, and looks neither into Git nor into virtual environments', async () => {
    await files({
      '.git/pipelines/training.py': '',
      'node_modules/pipelines/training.py': '',
      'env/pyvenv.cfg': '',
      'env/lib/pipelines/training.py': '',
      '.venv/pipelines/training.py': '',
    })
    expect(remedy()).toContain('No directory of the repository has `pipelines/training.py`.')
    expect(remedy()).toContain('pipeline-source')
  })
})

describe('a missing module', () => {
  const remedy = (module: string, asked?: Asked) =>
    answerTo(`missing_module_remedy('${module}', job)`, asked)

  it.each([
    ['requirements-ml.txt', 'numpy\npandas==2.2 # frames\n'],
    ['requirements/ml.txt', 'pandas[parquet]>=2\n'],
    ['pyproject.toml', '[project]\ndependencies = [\n  "pandas>=2",\n]\n'],
    ['pyproject.toml', '[tool.poetry.dependencies]\npandas = "^2"\n'],
    ['uv.lock', '[[package]]\nname = "pandas"\nversion = "2.2.3"\n'],
    ['poetry.lock', '[[package]]\nname = "pandas"\nversion = "2.2.3"\n'],
  ])('names %s, which declares it and is not listed', async (file, text) => {
    await files({ 'requirements.txt': 'pyyaml\n', [file]: text })
    expect(remedy('pandas', { requirements: ['requirements.txt'] })).toBe(
      `\`pandas\` is in ${file}, which \`install.requirements\` of the source churn does not name: add the file there.`,
    )
  })

  it.each([
    ['sklearn.linear_model', 'scikit-learn', 'Scikit_Learn~=1.5'],
    ['cv2', 'opencv-python-headless', 'opencv-python-headless'],
    ['yaml', 'pyyaml', 'PyYAML'],
    ['google.cloud.storage', 'google-cloud-storage', 'google-cloud-storage==2'],
    ['sentence_transformers', 'sentence-transformers', 'sentence-transformers'],
  ])('finds the package of %s, which is %s', async (module, name, line) => {
    await files({ 'requirements-ml.txt': `${line}\n` })
    expect(remedy(module)).toContain(`\`${name}\` is in requirements-ml.txt`)
  })

  it('takes the nearest file that declares it, of one directory the lock file', async () => {
    await files({
      'team-b/requirements.txt': 'pandas\n',
      'team-a/sub/requirements.txt': 'pandas\n',
      'team-a/uv.lock': 'name = "pandas"\n',
      'team-a/pyproject.toml': 'dependencies = ["pandas"]\n',
    })
    expect(remedy('pandas', { root: 'team-a' })).toContain('is in uv.lock,')
    expect(remedy('pandas', { root: 'team-b' })).toContain('is in requirements.txt,')
  })

  it('is not declared by another project of the repository, and is by a directory above', async () => {
    await files({
      'churn/requirements.txt': 'numpy\n',
      'watch/pyproject.toml': 'dependencies = ["pandas"]\n',
    })
    const asked = { root: 'churn', requirements: ['requirements.txt'] }
    expect(remedy('pandas', asked)).toContain('such as pandas, to requirements.txt')
    await files({ 'requirements/ml.txt': 'pandas\n' })
    expect(remedy('pandas', asked)).toContain('is in ../requirements/ml.txt,')
  })

  it('is not declared by a comment, a longer name, or the table of a tool', async () => {
    await files({
      'requirements.txt': '# pandas\npandas-stubs\n',
      'pyproject.toml': '[project]\nname = "churn"\n[tool.mypy]\nmodule = ["pandas"]\n',
    })
    expect(remedy('pandas', { requirements: ['requirements.txt'] })).toBe(
      'Add the package that has `pandas`, such as pandas, to requirements.txt, which `install.requirements` of the source churn names.',
    )
  })

  it('is left out by an extra or a marker where a listed file declares it', async () => {
    await files({
      'requirements.txt': '-r base.txt\n',
      'base.txt': 'pandas; python_version < "3"\n',
    })
    await files({ 'pyproject.toml': '[project.optional-dependencies]\nml = ["torch"]\n' })
    expect(remedy('torch', { requirements: ['pyproject.toml'] })).toContain(
      '`torch` is in pyproject.toml, but is not installed from there',
    )
  })

  it('names a file to write it to where no file declares it', async () => {
    expect(remedy('pandas')).toContain('to a requirements file, and name this file in')
    expect(remedy('pandas', { requirements: ['../uv.lock'] })).toContain(
      'to the project of ../uv.lock, and lock it again.',
    )
    await files({ 'team/x.py': '', 'pyproject.toml': '' })
    expect(remedy('pandas', { root: 'team' })).toContain('to ../pyproject.toml, and name this file')
  })

  it('is in another directory of the repository where a package there is called so', async () => {
    await files({ 'ml/training.py': '', 'src/common/io.py': '' })
    expect(remedy('common', { root: 'ml' })).toContain('is in the directory src of the repository')
    expect(remedy('common.gone', { root: 'src' })).toContain('has `common`, and no `common.gone`')
  })

  it('is not in the installed version where the package itself is there', () => {
    expect(remedy('pip.gone')).toMatch(
      /^pip \S+ is installed and has no `pip\.gone`: pin one that has it in `install\.requirements` of the source churn\.$/,
    )
  })

  it('is another fault than a name that an installed module lacks', async () => {
    await files({ 'requirements.txt': 'pip\n' })
    const lacking = (module: string) =>
      answerTo(`exec("raise ImportError('cannot import name', name='${module}')")`, {
        requirements: ['requirements.txt'],
      })
    expect(lacking('pip.utils')).toEqual([
      'import',
      'ImportError: cannot import name',
      expect.stringMatching(/^pip \S+ is installed and lacks the name: pin one that has it in/),
    ])
    expect(lacking('churn.own')).toEqual(['import', 'ImportError: cannot import name', null])
  })

  it.each([
    ["ImportError('Please install foo')", 'ImportError: Please install foo'],
    ["ModuleNotFoundError('Please install foo')", 'ModuleNotFoundError: Please install foo'],
    [
      "ImportError('libGL.so.1: cannot open shared object file', name='pip')",
      'ImportError: libGL.so.1: cannot open shared object file',
    ],
    [
      "ImportError('cannot import name x from partially initialized module pip', name='pip')",
      'ImportError: cannot import name x from partially initialized module pip',
    ],
    [
      "ImportError('cannot import name x', name='pip', path=job['sourceRoot'] + '/pip.py')",
      'ImportError: cannot import name x',
    ],
  ])('is not the fault of another error of an import: %s', (error, message) => {
    expect(answerTo(`explain(${error}, job)`)).toEqual(['import', message, null])
  })

  it('leaves an integration that is not installed to the remedy for it', () => {
    expect(answerTo("explain(ImportError('The integration s3 is not installed.'), job)")).toEqual([
      'import',
      expect.anything(),
      expect.stringContaining("requirements of the stack's integrations"),
    ])
  })

  it('is no package where it is a module of ZenML itself', () => {
    expect(remedy('zenml.gone')).toContain('The new ZenML has changed `zenml.gone`')
  })
})

describe('a missing environment variable', () => {
  const raised = (code: string, env = {}) => answerTo(`exec(${JSON.stringify(code)})`, { env })
  const SECRET =
    'On GitHub put `MODEL_BUCKET` into the secret ZENML_STAGING_SOURCES_ENV, one line NAME=value for each. By hand, export it before the command.'

  it.each([
    'import os; os.environ["MODEL_BUCKET"]',
    'class EnvError(Exception): pass\nraise EnvError(\'Environment variable "MODEL_BUCKET" not set\')',
    'raise ValueError("MODEL_BUCKET environment variable is required")',
    'raise ValueError("Environment variable must be set: MODEL_BUCKET")',
    'raise RuntimeError("Missing environment variables: MODEL_BUCKET")',
    'raise LookupError("MODEL_BUCKET not found. Declare it as envvar or define a default value.")',
    'raise KeyError("Config \'MODEL_BUCKET\' is missing, and has no default.")',
  ])('is named, with the secret that holds it: %s', (code) => {
    expect(raised(code)).toEqual([
      'import',
      expect.stringContaining('not set in the environment: `MODEL_BUCKET`'),
      SECRET,
    ])
  })

  it.each([
    'The environment variable must be set',
    'environment variables are missing: see the README',
    'Cannot read the file of environment variables: JSON is broken',
  ])('is no word of a message that names none: %s', (message) => {
    expect(raised(`raise ValueError("${message}")`)).toEqual(['import', expect.anything(), null])
  })

  it('is none where the variable is set, or the key is that of another mapping', () => {
    expect(raised('{}["MODEL_BUCKET"]')).toEqual(['import', "KeyError: 'MODEL_BUCKET'", null])
    const error = 'raise ValueError("The environment variable MODEL_BUCKET has no scheme")'
    expect(raised(error, { MODEL_BUCKET: 'x' })).toEqual(['import', expect.anything(), null])
  })

  it('is no fault of the code where it leads to a server, which planning has none of', () => {
    expect(raised('import os; os.environ["ZENML_STORE_URL"]')).toEqual([
      'needs-server',
      expect.stringContaining('ZENML_STORE_URL'),
      null,
    ])
  })
})

// What actions/upload-artifact does, from its source at the commit in pins.ts.

export interface UploadFact {
  readonly fact: string
  /** File and line in actions/upload-artifact; with a repository, in another one. */
  readonly source: string
  /** Files in the workspace, with their names as content; one that ends with a slash is a directory. */
  readonly workspace: readonly string[]
  /** Artifacts that the run has already. */
  readonly run?: readonly string[]
  /** Without `name` it is `name`, without `path` it is `results`. */
  readonly inputs: Readonly<Record<string, string>>
  /** Every file in the artifacts of the run afterwards, the name of the artifact first. */
  readonly artifacts: readonly string[]
  /** The error of the step; left out, the step succeeds. */
  readonly fails?: RegExp
  /** What the log says. */
  readonly prints?: RegExp
}

const NONE =
  /^::warning::No files were found with the provided path: results\. No artifacts will be uploaded\.$/m

export const UPLOAD_FACTS: readonly UploadFact[] = [
  {
    fact: 'a directory is uploaded without its own name',
    source: 'src/shared/search.ts:154',
    workspace: ['results/a.json', 'results/staging/b.json'],
    inputs: {},
    artifacts: ['name/a.json', 'name/staging/b.json'],
  },
  {
    fact: 'a directory with a single file keeps the path below it',
    source: 'src/shared/search.ts:147',
    workspace: ['results/staging/b.json'],
    inputs: {},
    artifacts: ['name/staging/b.json'],
  },
  {
    fact: 'a file is uploaded with its own name and no directory',
    source: 'src/shared/search.ts:147',
    workspace: ['results/a.json'],
    inputs: { path: 'results/a.json' },
    artifacts: ['name/a.json'],
  },
  {
    fact: 'hidden files and directories are left out',
    source: 'actions/toolkit packages/glob/src/internal-globber.ts:132',
    workspace: ['results/a.json', 'results/.hidden', 'results/.git/config'],
    inputs: {},
    artifacts: ['name/a.json'],
  },
  {
    fact: 'hidden files are uploaded where include-hidden-files asks for them',
    source: 'src/shared/search.ts:19',
    workspace: ['results/a.json', 'results/.hidden'],
    inputs: { 'include-hidden-files': 'true' },
    artifacts: ['name/.hidden', 'name/a.json'],
  },
  {
    fact: 'a path that is hidden itself holds no files',
    source: 'actions/toolkit packages/glob/src/internal-globber.ts:132',
    workspace: ['.results/a.json'],
    inputs: { path: '.results' },
    artifacts: [],
    prints: /^::warning::No files were found with the provided path: \.results\./m,
  },
  {
    fact: 'empty directories are left out',
    source: 'src/shared/search.ts:106',
    workspace: ['results/a.json', 'results/empty/'],
    inputs: {},
    artifacts: ['name/a.json'],
  },
  {
    fact: 'no file at all is a warning, whatever the name of the artifact',
    source: 'src/upload/upload-artifact.ts:34',
    workspace: ['results/empty/'],
    inputs: { name: 'a/b' },
    artifacts: [],
    prints: NONE,
  },
  {
    fact: 'no file at all fails where if-no-files-found asks for it',
    source: 'src/upload/upload-artifact.ts:40',
    workspace: [],
    inputs: { 'if-no-files-found': 'error' },
    artifacts: [],
    fails: /No files were found with the provided path: results\./,
  },
  ...['a/b', 'a\\b', 'a"b', 'a:b', 'a<b', 'a>b', 'a|b', 'a*b', 'a?b', 'a\nb'].map((name) => ({
    fact: `the name ${JSON.stringify(name)} is refused`,
    source:
      'actions/toolkit packages/artifact/src/internal/upload/path-and-artifact-name-validation.ts:23',
    workspace: ['results/a.json'],
    inputs: { name },
    artifacts: [],
    fails: /The artifact name is not valid: /,
  })),
  {
    fact: 'an empty name is refused: the default is for a name that is not given',
    source:
      'actions/toolkit packages/artifact/src/internal/upload/path-and-artifact-name-validation.ts:33',
    workspace: ['results/a.json'],
    inputs: { name: '' },
    artifacts: [],
    fails: /Provided artifact name input during validation is empty/,
  },
  {
    fact: 'a colon in the name of a file fails the whole artifact',
    source:
      'actions/toolkit packages/artifact/src/internal/upload/path-and-artifact-name-validation.ts:60',
    workspace: ['results/a.json', 'results/12:30.log'],
    inputs: {},
    artifacts: [],
    fails: /The path for one of the files in artifact is not valid: \/?12:30\.log/,
  },
  {
    fact: 'a name that the run has already is a conflict',
    source: 'actions/toolkit packages/artifact/src/internal/shared/artifact-twirp-client.ts:121',
    workspace: ['results/a.json'],
    run: ['name/old.json'],
    inputs: {},
    artifacts: ['name/old.json'],
    fails: /\(409\) Conflict: an artifact with this name already exists/,
  },
  {
    fact: 'overwrite replaces the artifact of that name',
    source: 'src/upload/upload-artifact.ts:68',
    workspace: ['results/a.json'],
    run: ['name/old.json'],
    inputs: { overwrite: 'true' },
    artifacts: ['name/a.json'],
  },
]

// What actions/download-artifact does, from its source at the commit in pins.ts. A file in an
// artifact's place is one that is listed and cannot be fetched.

export interface DownloadFact {
  readonly fact: string
  /** File and line in actions/download-artifact; with a repository, in another one. */
  readonly source: string
  /** Artifacts of the run: name, file, content. */
  readonly run: Readonly<Record<string, Readonly<Record<string, string>> | 'lost'>>
  /** Without `path` it is `target`. */
  readonly inputs: Readonly<Record<string, string>>
  /** Every file and empty directory in the workspace afterwards. */
  readonly disk: readonly string[]
  /** The error of the step; left out, the step succeeds. */
  readonly fails?: RegExp
}

const ONE = { 'zenml-upgrade-a-1': { 'staging/a.json': '1' } }
const TWO = { ...ONE, 'zenml-upgrade-b-1': { 'staging/b.json': '1' } }

export const DOWNLOAD_FACTS: readonly DownloadFact[] = [
  {
    fact: 'two matches get a directory each, with the name of the artifact',
    source: 'src/download-artifact.ts:194',
    run: TWO,
    inputs: { pattern: 'zenml-upgrade-*' },
    disk: ['target/zenml-upgrade-a-1/staging/a.json', 'target/zenml-upgrade-b-1/staging/b.json'],
  },
  {
    fact: 'a single match is put straight into the path',
    source: 'src/download-artifact.ts:192',
    run: { ...ONE, another: { 'x.json': '1' } },
    inputs: { pattern: 'zenml-upgrade-*' },
    disk: ['target/staging/a.json'],
  },
  {
    fact: 'no match is a success that does not create the path',
    source: 'src/download-artifact.ts:185',
    run: ONE,
    inputs: { pattern: 'nothing-*' },
    disk: [],
  },
  {
    fact: 'merge-multiple puts all matches straight into the path',
    source: 'src/download-artifact.ts:191',
    run: TWO,
    inputs: { pattern: 'zenml-upgrade-*', 'merge-multiple': 'true' },
    disk: ['target/staging/a.json', 'target/staging/b.json'],
  },
  {
    fact: 'without name and pattern every artifact of the run is downloaded',
    source: 'src/download-artifact.ts:164',
    run: { ...ONE, another: { 'x.json': '1' } },
    inputs: {},
    disk: ['target/another/x.json', 'target/zenml-upgrade-a-1/staging/a.json'],
  },
  {
    fact: 'a name wins over a pattern and is put straight into the path',
    source: 'src/download-artifact.ts:85',
    run: TWO,
    inputs: { name: 'zenml-upgrade-a-1', pattern: '*' },
    disk: ['target/staging/a.json'],
  },
  {
    fact: 'a name that does not exist fails',
    source: 'actions/toolkit packages/artifact/src/internal/find/get-artifact.ts:101',
    run: ONE,
    inputs: { name: 'nothing' },
    disk: [],
    fails: /Unable to download artifact\(s\): Artifact not found for name: nothing/,
  },
  {
    fact: 'one artifact that cannot be fetched fails the step, and the others are on disk',
    source: 'src/download-artifact.ts:205',
    run: { ...TWO, 'zenml-upgrade-c-1': 'lost' },
    inputs: { pattern: 'zenml-upgrade-*' },
    disk: [
      'target/zenml-upgrade-a-1/staging/a.json',
      'target/zenml-upgrade-b-1/staging/b.json',
      'target/zenml-upgrade-c-1/',
    ],
    fails: /Unable to download artifact\(s\): No artifacts found for ID: 3/,
  },
  {
    fact: 'a single artifact that cannot be fetched leaves the empty path',
    source: 'actions/toolkit packages/artifact/src/internal/download/download-artifact.ts:242',
    run: { 'zenml-upgrade-a-1': 'lost' },
    inputs: { pattern: 'zenml-upgrade-*' },
    disk: ['target/'],
    fails: /No artifacts found for ID: 1/,
  },
  {
    fact: 'an asterisk matches what is not a slash, a dot only itself',
    source: 'src/download-artifact.ts:159',
    run: { 'a.b-1': { x: '1' }, 'axb-1': { y: '1' } },
    inputs: { pattern: 'a.b-*' },
    disk: ['target/x'],
  },
  {
    fact: 'without a path it is the workspace',
    source: 'src/download-artifact.ts:45',
    run: ONE,
    inputs: { path: '' },
    disk: ['staging/a.json'],
  },
]

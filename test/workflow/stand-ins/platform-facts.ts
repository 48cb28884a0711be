// What the runner, the actions that a stand-in does not run, and the platform do, as far as our
// workflows rely on it. `actions/runner` is read at 258d6c857db3519913f7deb6004b60172f8043ae (after
// v2.336.0), `github/docs` by page; an action at the commit in pins.ts.

interface PlatformFact {
  readonly fact: string
  /** Repository, file and line; a page of the documentation without a line. */
  readonly source: string
  /** How the tests imitate it, and what they cannot show. */
  readonly imitation: string
  /** Test that turns red when we stop following the fact: file and title. */
  readonly test?: readonly [file: string, title: string]
}

const INTERNAL = 'test/contract/internal-actions.test.ts'
const EXPRESSIONS = 'test/contract/workflows-expressions.test.ts'

export const PLATFORM_FACTS: readonly PlatformFact[] = [
  {
    fact: 'a mask hides its value wherever it occurs, from one character on',
    source: 'actions/runner src/Sdk/DTLogging/Logging/SecretMasker.cs:78',
    imitation:
      'the commands for masks are read from the log; act does not mask in called workflows',
    test: [INTERNAL, 'takes %s, and masks what may be a secret'],
  },
  {
    fact: 'a blank mask is a warning and masks nothing',
    source: 'actions/runner src/Runner.Worker/ActionCommandManager.cs:429',
    imitation: 'the commands for masks are read from the log',
    test: [INTERNAL, 'takes %s, and masks what may be a secret'],
  },
  {
    fact: 'a command of the log decodes %25, %0D and %0A in its data',
    source: 'actions/runner src/Runner.Common/ActionCommand.cs:18',
    imitation: 'the commands for masks are read from the log as they are written',
    test: [INTERNAL, 'takes %s, and masks what may be a secret'],
  },
  {
    fact: 'a job output that contains a masked value is dropped with a warning, an empty one is not set',
    source: 'actions/runner src/Runner.Worker/JobExtension.cs:804',
    imitation: 'act does not drop outputs, so the tests show which values are not masked',
    test: [
      INTERNAL,
      'warns instead of masking %s, because GitHub would drop the outputs that contain it',
    ],
  },
  {
    fact: 'GITHUB_ENV does not set NODE_OPTIONS, in any case of its letters, and does not fail the step',
    source: 'actions/runner src/Runner.Worker/FileCommandManager.cs:175',
    imitation: 'our own error comes before it',
    test: [INTERNAL, 'refuses to set %s, which belongs to the runner'],
  },
  {
    fact: 'the GITHUB_ variables of the context are set anew for each step, over those of GITHUB_ENV; GITHUB_TOKEN is none of them',
    source: 'actions/runner src/Runner.Worker/Handlers/ScriptHandler.cs:291, GitHubContext.cs:9',
    imitation: 'our own error comes before it',
    test: [INTERNAL, 'refuses to set %s, which belongs to the runner'],
  },
  {
    fact: 'a step that fails with continue-on-error has the outcome failure and does not end the composite',
    source: 'actions/runner src/Runner.Worker/Handlers/CompositeActionHandler.cs:522',
    imitation: 'test/support/composite.ts and act do the same',
    test: [INTERNAL, 'uses what is on disk after a download that failed half-way, and warns'],
  },
  {
    fact: 'RUNNER_TEMP is emptied when a job begins, not between its steps',
    source: 'actions/runner src/Runner.Worker/TempDirectoryManager.cs:35',
    imitation: 'one directory for all steps of a test',
    test: [INTERNAL, 'gathers twice in one job without mixing the two'],
  },
  {
    fact: 'hashFiles takes up to 255 patterns, and is empty only where no file of the workspace matches any',
    source:
      'actions/runner src/Sdk/DTPipelines/workflow-v1.0.json:344, src/Misc/expressionFunc/hashFiles/src/hashFiles.ts:47',
    imitation: 'act evaluates it in the tests of the workflows',
    test: [EXPRESSIONS, 'is looked for with both of its spellings, by every job that may run it'],
  },
  {
    fact: 'runs-on is a string, a list of labels, or a mapping with group and labels, and may be an expression',
    source: 'github/docs data/reusables/actions/jobs/choosing-runner-overview.md',
    imitation: "GitHub's own evaluator; act takes a label only",
    test: [EXPRESSIONS, 'takes %s, in every job'],
  },
  {
    fact: 'the result of a job in needs is success, failure, cancelled or skipped; a job without a status function in its condition is skipped unless all that it needs succeeded',
    source:
      'github/docs content/actions/reference/workflows-and-actions/contexts.md, data/reusables/actions/jobs/section-using-jobs-in-a-workflow-needs.md',
    imitation:
      'act does the same within one workflow; a called workflow that fails ends the whole run of act',
  },
  {
    fact: 'a job runs on a runner only after all protection rules of its environment have passed',
    source: 'github/docs data/reusables/actions/jobs/section-using-environments-for-jobs.md',
    imitation: 'act ignores environments; a rejected approval is imitated by the result of the job',
  },
  {
    fact: "a secret of a job's environment wins over one of the same name that the caller passed",
    source: 'github/docs content/actions/how-tos/reuse-automations/reuse-workflows.md',
    imitation: 'act has one level of secrets',
  },
  {
    fact: 'secrets reach the directly called workflow only; each level passes them on',
    source: 'github/docs content/actions/how-tos/reuse-automations/reuse-workflows.md',
    imitation:
      'act does the same for names; inherit does not cross owners on GitHub, which act does not know',
  },
  {
    fact: 'secrets of an environment do not reach a called workflow of another owner with inherit alone',
    source: 'actions/runner issues 1490 and 4453',
    imitation: 'none: act reads them from one file',
  },
  {
    fact: "a called workflow uses the caller's self-hosted runners only where both have the same owner",
    source:
      'github/docs content/actions/reference/workflows-and-actions/reusing-workflow-configurations.md',
    imitation: 'none: act runs every job on this machine',
  },
  {
    fact: 'checkout fetches every branch and tag with fetch-depth 0, and otherwise one commit',
    source: 'actions/checkout src/git-source-provider.ts:188',
    imitation: 'act copies the whole repository, so a missing depth does not show',
  },
  {
    fact: 'checkout leaves a branch checked out after a push, and the merge commit of a pull request without a branch',
    source: 'actions/checkout src/ref-helper.ts:34',
    imitation: 'the clone that the test gives to act',
  },
  {
    fact: 'checkout removes the token from the repository before it ends where persist-credentials is false',
    source: 'actions/checkout src/git-source-provider.ts:319',
    imitation: 'the clone that the test gives to act never has one',
  },
  {
    fact: 'checkout removes every file that is not of the commit, ignored ones too',
    source: 'actions/checkout src/git-command-manager.ts:481',
    imitation: 'each test has a clone of its own',
  },
  {
    fact: 'setup-node puts the Node that it found or installed first on PATH',
    source: 'actions/setup-node src/distributions/base-distribution.ts:47',
    imitation: 'the tests of the composites put one on PATH; act finds that of the machine',
    test: ['test/acceptance/action-tools.test.ts', 'is installed when there is none'],
  },
  {
    fact: 'setup-python without update-environment leaves PATH alone, and the Python is in the tool cache',
    source: 'actions/setup-python src/find-python.ts:151',
    imitation: 'the tests of the composites find it in a tool cache; act finds that of the machine',
    test: [
      'test/acceptance/action-tools.test.ts',
      'is the newest of the tool cache that fits when that of PATH is %s, for the command only',
    ],
  },
  {
    fact: 'a version in the tool cache is complete where a file <arch>.complete lies beside it',
    source: 'actions/toolkit packages/tool-cache/src/tool-cache.ts:527',
    imitation: 'the tests of the composites make tool caches with and without it',
    test: [
      'test/acceptance/action-tools.test.ts',
      'is the newest complete one of the tool cache when that of PATH is %s',
    ],
  },
]

// Takes the place of the bundle: writes down how it was called, and ends as the scenario says.
const {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} = require('node:fs')
const { dirname, join } = require('node:path')

const { STUB_DIRECTORY, GITHUB_JOB, GITHUB_OUTPUT, GITHUB_EVENT_NAME } = process.env
const command = process.argv[2] ?? process.env.INPUT_RUN
const inputs = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name, value]) => name.startsWith('INPUT_') && value !== '')
    .map(([name, value]) => [name.slice(6).toLowerCase(), value]),
)
const seen = Object.keys(process.env)
  .filter(
    (name) =>
      /^(ZENML_|FROM_)/.test(name) &&
      name !== 'ZENML_UPGRADE_WORKFLOWS' &&
      // Holds names only.
      name !== 'ZENML_UPGRADE_SECRET_NAMES' &&
      process.env[name] !== '',
  )
  .sort()
const workflows = process.env.ZENML_UPGRADE_WORKFLOWS
const report = inputs['report-directory'] ?? 'zenml-upgrade-report'
const { environment = '', step, shard } = inputs
const name = [command, step, shard?.replace('/', '-of-')].filter(Boolean).join('-')
const found = existsSync(report)
  ? readdirSync(report, { recursive: true })
      .filter((path) => path.endsWith('.json'))
      .sort()
  : []
appendFileSync(
  join(STUB_DIRECTORY, 'calls'),
  `${JSON.stringify({ job: GITHUB_JOB, event: GITHUB_EVENT_NAME, command, inputs, seen, found, workflows })}\n`,
)

const scenario = JSON.parse(readFileSync(join(STUB_DIRECTORY, 'scenario.json'), 'utf8'))
const { exitCode = 0, outputs = {} } =
  scenario[`${GITHUB_JOB}: ${environment}/${name}`] ??
  scenario[`${environment}/${name}`] ??
  scenario[`${environment}/${command}`] ??
  scenario[command] ??
  {}
const result = join(report, environment, `${name}.json`)
mkdirSync(dirname(result), { recursive: true })
writeFileSync(result, JSON.stringify({ command, exitCode }))
for (const [key, value] of Object.entries({
  outcome: exitCode === 0 ? 'success' : 'failure',
  'reason-code': '',
  result,
  summary: name,
  ...outputs,
}))
  appendFileSync(GITHUB_OUTPUT, `${key}=${value}\n`)
process.exit(exitCode)

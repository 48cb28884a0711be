import { expect, it } from '@jest/globals'
import { otherDatabaseVariables } from '../../../src/config/declared-variables.ts'
import { parseConfig } from '../../../src/config/load.ts'

const config = parseConfig(
  `zenml: 0.98.0
environments:
  staging:
    deploy: { command: { deploy: ./deploy.sh } }
    backup: { mysql: { to: /backups, url-env: STAGING_DATABASE, verify: restore, scratch-url-env: SCRATCH } }
  production:
    deploy: { local: { directory: /srv/zenml, port: 8080, database-url-env: PRODUCTION_DATABASE } }
    backup: { mysql: { to: /backups, url-env: PRODUCTION_DATABASE, verify: restore, scratch-url-env: SCRATCH } }
`,
  'f.yml',
)

it('names the variables with databases that only the other environment of the file declares', () => {
  expect(otherDatabaseVariables(config, 'staging')).toEqual(['PRODUCTION_DATABASE'])
  expect(otherDatabaseVariables(config, 'production')).toEqual(['STAGING_DATABASE'])
})

it('never withholds ZENML_DATABASE_URL, which every environment may have', () => {
  const byDefault = parseConfig(
    `zenml: 0.98.0
environments:
  staging:
    deploy: { command: { deploy: ./deploy.sh } }
  production:
    deploy: { command: { deploy: ./deploy.sh } }
    backup: { mysql: { to: /backups } }
`,
    'f.yml',
  )
  expect(otherDatabaseVariables(byDefault, 'staging')).toEqual([])
})

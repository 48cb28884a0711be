import { describeOddDatabases } from '../support/database-cases.ts'
import { startMysql } from '../support/mysql.ts'

describeOddDatabases('mysql', startMysql, () => undefined)

import { describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { BrokenDump } from '../../../src/backup/dump-lines.ts'
import { tablesIn } from '../../../src/backup/dump-load.ts'
import {
  objectsSection,
  OBJECTS_SECTION,
  type DatabaseObject,
} from '../../../src/backup/dump-objects.ts'
import { readDumpStream } from '../../../src/backup/dump-reader.ts'
import { valueOf, type Token } from '../../../src/backup/dump-rows.ts'
import { summarize, summarizer } from '../../../src/backup/dump-summary.ts'
import { differences } from '../../../src/backup/mysql-make.ts'

const END = '-- Dump completed on 2026-11-23 18:00:00\n'
const CREATE =
  "CREATE TABLE `stack` (\n  `id` char(32) NOT NULL,\n  `odd ``name``` longtext DEFAULT NULL COMMENT 'a (b), `c`',\n  PRIMARY KEY (`id`),\n  KEY `ix` (`odd ``name```(10))\n) ENGINE=InnoDB;\n"

async function read(
  text: string,
  chunk = 7,
): Promise<{
  rows: (string | null)[][]
  summary: ReturnType<ReturnType<typeof summarizer>['summary']>
}> {
  const rows: (string | null)[][] = []
  const { visitor, summary } = summarizer()
  const bytes = Buffer.from(text)
  // In small pieces: a value may be cut anywhere.
  const pieces = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  )
  await readDumpStream(Readable.from(pieces), {
    ...visitor,
    row: (table, tokens: readonly Token[]) => {
      visitor.row(table, tokens)
      rows.push(tokens.map((token) => valueOf(token)))
    },
  })
  return { rows, summary: summary() }
}
const utf8 = (text: string | null | undefined) =>
  typeof text === 'string' ? Buffer.from(text, 'latin1').toString() : text

describe('a dump', () => {
  it.each([
    ['MySQL writes it, many rows to a line', "INSERT INTO `stack` VALUES ('a','1'),('b',NULL);\n"],
    ['MariaDB writes it, a line to a row', "INSERT INTO `stack` VALUES\n('a','1'),\n('b',NULL);\n"],
    [
      'both mix them',
      "INSERT INTO `stack` VALUES ('a','1');\nINSERT INTO `stack` (`id`, `odd ``name```) VALUES\n('b',NULL);\n",
    ],
  ])('is read as %s', async (_, insert) => {
    const { rows, summary } = await read(`${CREATE}${insert}${END}`)
    expect(rows).toEqual([
      ['a', '1'],
      ['b', null],
    ])
    expect(summary.tables).toEqual({
      stack: { rows: 2, columns: ['id', 'odd `name`'], key: ['id'] },
    })
  })

  it('gives back every byte of a value', async () => {
    const { rows } = await read(
      `${CREATE}INSERT INTO \`stack\` VALUES ('it\\'s (a), ''b'';\\nINSERT INTO \\\\','Grüße 🎉'),(0x00FF,_binary 'x\\0'),(-1.5e3,'NULL');\n${END}`,
    )
    expect(rows.map((row) => row.map(utf8))).toEqual([
      ["it's (a), 'b';\nINSERT INTO \\", 'Grüße 🎉'],
      [Buffer.from([0, 255]).toString(), 'x\0'],
      ['-1.5e3', 'NULL'],
    ])
  })

  it('has equal hashes for equal rows, whatever the lines', async () => {
    const one = await read(`${CREATE}INSERT INTO \`stack\` VALUES ('a','1'),('b',NULL);\n${END}`)
    const two = await read(
      `${CREATE}INSERT INTO \`stack\` VALUES\n('a','1'),\n('b',NULL);\n${END}`,
      1000,
    )
    const other = await read(
      `${CREATE}INSERT INTO \`stack\` VALUES ('a','1'),('b','NULL');\n${END}`,
    )
    expect(two.summary.hashes).toEqual(one.summary.hashes)
    expect(other.summary.hashes).not.toEqual(one.summary.hashes)
  })

  it('tells the revision and the latest stamp', async () => {
    const { summary } = await read(
      `CREATE TABLE \`alembic_version\` (\n  \`version_num\` varchar(32) NOT NULL,\n  PRIMARY KEY (\`version_num\`)\n);\nINSERT INTO \`alembic_version\` VALUES ('0.94.1');\nCREATE TABLE \`run\` (\n  \`id\` int,\n  \`created\` datetime(6),\n  \`updated\` datetime(6)\n);\nINSERT INTO \`run\` VALUES (1,'2026-01-01 00:00:00.000000','2026-03-01 00:00:00.500000'),(2,'2026-02-01 00:00:00.000000',NULL);\n${END}`,
    )
    expect(summary).toMatchObject({ revision: '0.94.1', newest: '2026-03-01 00:00:00.500000' })
  })

  it.each([
    ['MariaDB writes them', 'INSERT INTO `t` VALUES\n(1,2,6,3),\n(4,5,60,15);'],
    ['MySQL leaves them out', 'INSERT INTO `t` (`price`, `id`, `qty`) VALUES (2,1,3),(5,4,15);'],
  ])('leaves out columns that the database works out, whether %s', async (_, insert) => {
    const { rows, summary } = await read(
      `CREATE TABLE \`t\` (\n  \`id\` int,\n  \`price\` int,\n  \`total\` int GENERATED ALWAYS AS (\`price\` * \`qty\`) STORED,\n  \`qty\` int DEFAULT 1 COMMENT 'not GENERATED ALWAYS AS (1) STORED',\n  PRIMARY KEY (\`id\`)\n);\n${insert}\n${END}`,
    )
    expect(summary.tables).toEqual({ t: { rows: 2, columns: ['id', 'price', 'qty'], key: ['id'] } })
    expect(rows).toEqual([
      ['1', '2', '3'],
      ['4', '5', '15'],
    ])
  })

  it.each([
    ['the end of a validity is not part of it', 'ROW END', ['id']],
    ['one with another generated column cannot be matched', '(`id` + 1) STORED', []],
  ])('has the primary key of the rows: %s', async (_, generated, key) => {
    const { summary } = await read(
      `CREATE TABLE \`t\` (\n  \`id\` int,\n  \`g\` timestamp(6) GENERATED ALWAYS AS ${generated},\n  PRIMARY KEY (\`id\`,\`g\`)\n);\nINSERT INTO \`t\` VALUES (1,'x');\n${END}`,
    )
    expect(summary.tables).toEqual({ t: { rows: 1, columns: ['id'], key } })
  })

  it('tells the longest statement, of one line or of many', async () => {
    const insert = "INSERT INTO `stack` VALUES\n('a','1'),\n('b',NULL);\n"
    const { summary } = await read(
      `${CREATE}${insert}INSERT INTO \`stack\` VALUES ('c','');\n${END}`,
    )
    expect(summary.longest).toEqual({ table: 'stack', bytes: insert.length })
  })

  it('gives back the views, triggers and routines that follow its last line', async () => {
    const objects: DatabaseObject[] = [
      {
        kind: 'trigger',
        name: 'odd `name`',
        definer: 'app@%',
        definition: {
          create: `CREATE TRIGGER x BEGIN\n${OBJECTS_SECTION}\n-- JSON: []\n-- Objects completed\n SET @a = 'Grüße';;\nEND`,
          'sql-mode': 'ANSI_QUOTES',
          collation: 'utf8mb4_general_ci',
          'time-zone': null,
        },
      },
      { kind: 'procedure', name: 'hidden', definer: 'root@localhost', definition: null },
    ]
    const section = objectsSection(objects)
    expect((await read(`${CREATE}${END}${section}`)).summary.objects).toEqual(objects)
    await expect(read(`${CREATE}${section}`)).rejects.toBeInstanceOf(BrokenDump)
    await expect(read(`${CREATE}${END}${section.slice(0, -30)}`)).rejects.toBeInstanceOf(BrokenDump)
  })

  it.each([
    '/*!999999\\- enable the sandbox mode */ \n',
    '/*M!999999\\- enable the sandbox mode */ \n',
    '',
  ])('is loaded without the line %j and without that section', async (line) => {
    const directory = await mkdtemp(join(tmpdir(), 'zenml-dump-'))
    try {
      const path = join(directory, 'dump.sql.gz')
      const tables = `${CREATE}INSERT INTO \`stack\` VALUES ('ü','\0');\n${END}`
      await writeFile(
        path,
        Buffer.concat([line + tables, objectsSection([])].map((text) => gzipSync(text))),
      )
      let loaded = ''
      for await (const chunk of tablesIn(path)) loaded += chunk.toString()
      expect(loaded).toBe(`${tables}\n`)
      expect((await summarize(path)).tables).toMatchObject({ stack: { rows: 1 } })
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it('is not misled by the bodies of triggers', async () => {
    const { summary } = await read(
      `${CREATE}DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON \`stack\` FOR EACH ROW\nINSERT INTO \`log\` VALUES (1);;\nDELIMITER ;\n${END}`,
    )
    expect(Object.keys(summary.tables)).toEqual(['stack'])
  })

  it.each([
    ['without its last line', CREATE],
    [
      'with the last line only inside a value',
      `${CREATE}INSERT INTO \`stack\` VALUES ('-- Dump completed','');\n`,
    ],
    ['that ends inside a statement', `${CREATE}INSERT INTO \`stack\` VALUES\n('a','1'),\n`],
    ['with a row of another width', `${CREATE}INSERT INTO \`stack\` VALUES ('a');\n${END}`],
    [
      'with rows of a table that it does not make',
      `INSERT INTO \`stack\` VALUES ('a','1');\n${END}`,
    ],
  ])('%s is refused', async (_, text) => {
    await expect(read(text)).rejects.toBeInstanceOf(BrokenDump)
  })

  it('is held against counts from before and after it', () => {
    const summary = {
      tables: {
        stack: { rows: 3, columns: [], key: [] },
        api_transaction: { rows: 9, columns: [], key: [] },
      },
    }
    expect(
      differences(summary, { stack: 3, api_transaction: 1 }, { stack: 3, api_transaction: 1 }),
    ).toEqual([])
    expect(differences(summary, { stack: 2 }, { stack: 5 })).toEqual([])
    expect(differences(summary, { stack: 4 }, { stack: 5 })).toEqual([
      'stack has 3 rows in the dump, 4 before and 5 after',
    ])
    expect(differences(summary, { secret: 0 }, { secret: 0 })).toEqual([
      'the table secret is missing',
    ])
  })
})

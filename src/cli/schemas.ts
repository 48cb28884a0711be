import { join } from 'node:path'
import { configJsonSchema } from '../config/json-schema.ts'
import { resultJsonSchema } from '../result/json-schema.ts'
import { writeFileAtomic } from '../runtime/files.ts'

/** Writes the JSON Schemas of the file and of the result; part of the build. */
export async function writeSchemas(directory: string): Promise<void> {
  await writeFileAtomic(
    join(directory, 'zenml-upgrade.schema.json'),
    `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  )
  await writeFileAtomic(
    join(directory, 'result.schema.json'),
    `${JSON.stringify(resultJsonSchema(), null, 2)}\n`,
  )
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { validate, type ValidationConfig } from '@actions/languageservice'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'
import { actionFiles, ownAction, read, ROOT, SLUG, stepsOf, workflowFiles } from '../support/workflow-files.ts'

// GitHub's own parser and language service judge every workflow and every action.

const STAND_INS = join(import.meta.dirname, '..', 'workflow', 'stand-ins')

/** The real inputs of the actions of others: those of the stand-ins, which are copies of the originals' metadata. */
function metadata(owner: string, name: string): string {
  return readFileSync(join(STAND_INS, `${owner}-${name}`, 'action.yml'), 'utf8')
}

type Metadata = Awaited<ReturnType<NonNullable<ValidationConfig['actionsMetadataProvider']>['fetchActionMetadata']>>

const config: ValidationConfig = {
  fileProvider: {
    getFileContent(reference) {
      const path = reference.path.replace(/^\$\//, '')
      return Promise.resolve({ name: path, content: read(path) })
    }
  },
  actionsMetadataProvider: {
    fetchActionMetadata({ owner, name, path = '' }) {
      const text = `${owner}/${name}` === SLUG ? read(join(path, 'action.yml')) : metadata(owner, name)
      return Promise.resolve(parse(text) as Metadata)
    }
  }
}

async function problemsOf(path: string, text = read(path)): Promise<string[]> {
  const diagnostics = await validate(TextDocument.create(`file:///${path}`, 'yaml', 1, text), config)
  return diagnostics.map(({ range, message }) => `${path}:${range.start.line + 1} ${typeof message === 'string' ? message : message.value}`)
}

describe("GitHub's language service", () => {
  it.each([...workflowFiles(), ...actionFiles()])('has nothing to say about %s', async (path) => {
    expect(await problemsOf(path)).toEqual([])
  })
})

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { runStandIn } from '../support/run-stand-in.ts'
import { actionFiles, read, stepsOf, workflowFiles } from '../support/workflow-files.ts'
import { DOWNLOAD_FACTS } from '../workflow/stand-ins/download-facts.ts'
import { PLATFORM_FACTS } from '../workflow/stand-ins/platform-facts.ts'
import { PINS } from '../workflow/stand-ins/pins.ts'
import { UPLOAD_FACTS } from '../workflow/stand-ins/upload-facts.ts'

// The stand-ins of other people's actions behave as the tables of facts say.

let directory: string
let run: string
let workspace: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stand-in-'))
  run = join(directory, 'run')
  workspace = join(directory, 'workspace')
  mkdirSync(run)
  mkdirSync(workspace)
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function put(path: string, text: string): void {
  mkdirSync(path.endsWith('/') ? path : dirname(path), { recursive: true })
  if (!path.endsWith('/')) writeFileSync(path, text)
}

/** Every file and every empty directory, sorted; a directory ends with a slash. */
function contents(root: string, under = ''): string[] {
  return readdirSync(join(root, under), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(under, entry.name)
      if (!entry.isDirectory()) return [path]
      const inside = contents(root, path)
      return inside.length === 0 ? [`${path}/`] : inside
    })
    .sort()
}

const start = (action: string, inputs: Readonly<Record<string, string>>) =>
  runStandIn({ action, inputs, workspace, artifacts: run })

describe('the stand-in of actions/download-artifact', () => {
  it.each(DOWNLOAD_FACTS.map((fact) => [fact.fact, fact] as const))(
    'agrees that %s',
    (_, { run: artifacts, inputs, disk, fails }) => {
      for (const [name, files] of Object.entries(artifacts)) {
        if (files === 'lost') put(join(run, name), '')
        else for (const [file, text] of Object.entries(files)) put(join(run, name, file), text)
      }
      const { succeeded, log, outputs } = start('actions/download-artifact', {
        path: 'target',
        ...inputs,
      })
      expect(contents(workspace)).toEqual(disk)
      expect(succeeded).toBe(fails === undefined)
      if (fails !== undefined) expect(log).toMatch(fails)
      else expect(outputs).toMatch(/^download-path=\//)
    },
  )
})

describe('the stand-in of actions/upload-artifact', () => {
  it.each(UPLOAD_FACTS.map((fact) => [fact.fact, fact] as const))(
    'agrees that %s',
    (_, { workspace: files, run: earlier = [], inputs, artifacts, fails, prints }) => {
      for (const file of files) put(join(workspace, file), file)
      for (const file of earlier) put(join(run, file), '')
      const { succeeded, log } = start('actions/upload-artifact', {
        name: 'name',
        path: 'results',
        ...inputs,
      })
      expect(contents(run)).toEqual(artifacts)
      expect(succeeded).toBe(fails === undefined)
      if (fails !== undefined) expect(log).toMatch(fails)
      if (prints !== undefined) expect(log).toMatch(prints)
    },
  )
})

describe('the pins', () => {
  const used = [...workflowFiles(), ...actionFiles()]
    .flatMap((path) => stepsOf(path).map(({ step }) => step.uses ?? ''))
    .filter((uses) => /^(actions|github)\//.test(uses))
    .map((uses) => {
      const [action = '', commit = ''] = uses.split('@')
      return [action.split('/').slice(0, 2).join('/'), commit]
    })

  it('are the commits whose facts were read, for every action of others', () => {
    expect(Object.fromEntries(used)).toEqual(PINS)
    for (const [action = '', commit] of used)
      expect([action, commit]).toEqual([action, PINS[action]])
  })
})

describe('the facts about the platform', () => {
  it('name tests that exist', () => {
    for (const { fact, test } of PLATFORM_FACTS)
      if (test !== undefined) {
        const [file, title] = test
        expect([fact, read(file).includes(`'${title}'`)]).toEqual([fact, true])
      }
  })
})

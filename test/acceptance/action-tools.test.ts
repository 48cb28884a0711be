import { execFileSync } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { actionPlace, makeNode, makePython, type ActionPlace } from '../support/action-place.ts'
import type { UsedAction } from '../support/composite.ts'

// Which Node and which Python the composites find, and what happens where there is none.

let place: ActionPlace
beforeEach(async () => {
  place = await actionPlace()
})
afterEach(() => place.remove())

const useNode = () => symlink(process.execPath, join(place.bin, 'node'))
const names = (used: readonly UsedAction[]) => used.map(({ name }) => name)

describe('Node', () => {
  it('is that of PATH when it is new enough', async () => {
    await makeNode(join(place.bin, 'node'), '20.12.0')
    await makeNode(await place.cached('node', '24.11.0'), '24.11.0')
    expect(await place.run({}, await place.probe())).toMatchObject({ result: 'success', used: [] })
    expect((await place.started()).env['STARTED_BY']).toBe('20.12.0')
  })

  it.each([undefined, '18.20.4', '20.11.1'])(
    'is the newest complete one of the tool cache when that of PATH is %s',
    async (version) => {
      if (version !== undefined) await makeNode(join(place.bin, 'node'), version)
      for (const cached of ['9.11.2', '20.19.5', '22.21.1'])
        await makeNode(await place.cached('node', cached), cached)
      await makeNode(await place.cached('node', '24.11.0', { complete: false }), '24.11.0')
      expect(await place.run({}, await place.probe())).toMatchObject({
        result: 'success',
        used: [],
      })
      expect((await place.started()).env['STARTED_BY']).toBe('22.21.1')
    },
  )

  it('is installed when there is none', async () => {
    const use = ({ name }: UsedAction) => {
      if (name === 'actions/setup-node')
        execFileSync('ln', ['-s', process.execPath, join(place.bin, 'node')])
      return 'success' as const
    }
    const end = await place.run({ use }, await place.probe())
    expect(end.result).toBe('success')
    expect(names(end.used)).toEqual(['actions/setup-node'])
    expect((await place.started()).argv).toEqual(['promote'])
  })

  it('is missed with outputs and a sentence when it cannot be installed', async () => {
    const end = await place.run({ use: () => 'failure' }, await place.probe())
    expect(end).toMatchObject({
      result: 'failure',
      exitCode: 1,
      outputs: { outcome: 'failure', 'reason-code': 'preflight-failed', result: '', gate: '' },
    })
    expect(end.outputs['summary']).toContain('there is no Node 20.12 or newer')
    expect(end.log).toContain('::error::')
  })
})

describe('Python', () => {
  const all = { action: 'rebuild-snapshots', inputs: { environment: 'staging' } }

  it.each(['3.10.0', '3.14.0'])(
    'is that of PATH when it is %s, on which ZenML runs',
    async (version) => {
      await useNode()
      await makePython(join(place.bin, 'python3'), version)
      await makePython(await place.cached('Python', '3.13.9'), '3.13.9')
      expect(await place.run(all, await place.probe())).toMatchObject({
        result: 'success',
        used: [],
      })
      expect((await place.started()).python).toBe(version)
    },
  )

  it.each(['3.9.24', '3.15.0', '4.0.0'])(
    'is the newest of the tool cache that fits when that of PATH is %s, for the command only',
    async (version) => {
      await useNode()
      await makePython(join(place.bin, 'python3'), version)
      for (const cached of ['3.9.24', '3.13.9', '3.14.1', '3.15.0'])
        await makePython(await place.cached('Python', cached), cached)
      expect(await place.run(all, await place.probe())).toMatchObject({
        result: 'success',
        used: [],
      })
      expect((await place.started()).python).toBe('3.14.1')
    },
  )

  it('is installed when there is none, and its absence is told by the command', async () => {
    await useNode()
    const end = await place.run({ ...all, use: () => 'failure' }, await place.probe())
    expect(end.result).toBe('success')
    expect(end.used).toEqual([
      {
        name: 'actions/setup-python',
        with: expect.objectContaining({ 'update-environment': 'false' }),
      },
    ])
    expect((await place.started()).python).toBeNull()
  })

  it.each(['promote', 'plan', 'check-stacks', 'report'])(
    'is not installed for %s, which needs none',
    async (command) => {
      await useNode()
      expect(
        (await place.run({ action: 'command', inputs: { run: command } }, await place.probe()))
          .used,
      ).toEqual([])
    },
  )
})

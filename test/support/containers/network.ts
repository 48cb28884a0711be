import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ContainerPrograms } from './programs.ts'

const execute = promisify(execFile)

/** Bridges that end with a run begin so. A name of an interface has at most 15 characters. */
const PREFIX = 'zutest'

export interface TestNetwork {
  readonly bridge: string
  remove(): Promise<void>
}

/**
 * Makes a bridge whose containers reach what this machine reaches. Two daemons on one bridge take
 * it from each other, so each gets its own, and neither touches the rules of the other.
 */
export async function createNetwork(
  programs: ContainerPrograms,
  directory: string,
): Promise<TestNetwork> {
  const ip = (...args: string[]) => execute('ip', args, { env: programs.env })
  const number = await addBridge(ip)
  const [bridge, subnet] = [`${PREFIX}${number}`, `172.30.${number}`]
  await writeFile(recordOf(directory), JSON.stringify({ bridge, subnet }))
  await ip('addr', 'add', `${subnet}.1/24`, 'dev', bridge)
  await ip('link', 'set', bridge, 'up')
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1')
  for (const rule of rulesOf(bridge, subnet))
    await execute('iptables', ['-w', '-t', rule.table, '-I', ...rule.rule], { env: programs.env })
  return { bridge, remove: () => removeNetwork(programs, directory) }
}

/** Takes the first number that no other run has. */
async function addBridge(ip: (...args: string[]) => Promise<unknown>): Promise<number> {
  for (let number = 20; number < 220; number += 1) {
    try {
      await ip('link', 'add', `${PREFIX}${number}`, 'type', 'bridge')
      return number
    } catch (error) {
      if (!/File exists/.test(String(error))) throw error
    }
  }
  throw new Error('Every bridge of the tests is in use.')
}

function recordOf(directory: string): string {
  return join(directory, 'bridge.json')
}

/** Removes the bridge of a run, as far as it is there. */
export async function removeNetwork(programs: ContainerPrograms, directory: string): Promise<void> {
  const text = await readFile(recordOf(directory), 'utf8').catch(() => undefined)
  if (text === undefined) return
  const { bridge, subnet } = JSON.parse(text) as { bridge: string; subnet: string }
  const ifThere = async (program: string, ...args: string[]) => {
    await execute(program, args, { env: programs.env }).catch(() => undefined)
  }
  for (const { table, rule } of rulesOf(bridge, subnet))
    await ifThere('iptables', '-w', '-t', table, '-D', ...rule)
  await ifThere('ip', 'link', 'delete', bridge)
}

function rulesOf(bridge: string, subnet: string) {
  return [
    {
      table: 'nat',
      rule: ['POSTROUTING', '-s', `${subnet}.0/24`, '!', '-o', bridge, '-j', 'MASQUERADE'],
    },
    { table: 'filter', rule: ['FORWARD', '-i', bridge, '-j', 'ACCEPT'] },
    { table: 'filter', rule: ['FORWARD', '-o', bridge, '-j', 'ACCEPT'] },
  ]
}

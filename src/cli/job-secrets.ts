import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { peekInput, type CommandName } from '../inputs/inputs.ts'
import type { Machine } from '../runtime/runtime.ts'
import { registerSecretVariables } from '../runtime/secret-variables.ts'
import { keepUnmasked } from '../runtime/secrets.ts'

/** Registers every secret of the job, and warns once about those that cannot be taken out of texts. */
export async function registerJobSecrets(
  command: CommandName,
  args: readonly string[],
  { env, log }: Pick<Machine, 'env' | 'log'>,
): Promise<void> {
  const input = (name: string) => peekInput(command, name, args, env)
  const config = resolve(input('working-directory') ?? '.', input('config') ?? 'zenml-upgrade.yml')
  // A file that cannot be read is reported by the command itself.
  keepUnmasked(await readFile(config, 'utf8').catch(() => ''))
  const visible = registerSecretVariables(env)
  if (visible.length > 0) log.warn(visibleSecrets(visible))
}

function visibleSecrets(names: readonly string[]): string {
  return `The ${names.length === 1 ? 'value' : 'values'} of ${names.join(', ')} may be secret, but ${names.length === 1 ? 'is' : 'are'} shorter than 4 characters, a number, or true or false. Such values are not removed from logs and reports. If one is a secret, replace it with a longer one.`
}

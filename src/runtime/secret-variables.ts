import { classOf, linesOf } from './redaction.ts'
import { registerKey, registerSecret } from './secrets.ts'
import { dsnPasswords, urlPasswords } from './url-passwords.ts'
import { SECRET_NAMES, VARIABLE_RULES, type Audience, type VariableRule } from './variable-rules.ts'

type Variables = Readonly<Record<string, string | undefined>>

// Windows and some tools write names in lower case; a secret must not slip through by its case.
function ruleOf(variable: string): VariableRule | undefined {
  const upper = variable.toUpperCase()
  return VARIABLE_RULES.find(({ names }) =>
    names.some((name) =>
      name.endsWith('*') ? upper.startsWith(name.slice(0, -1)) : upper === name,
    ),
  )
}

/** Returns the variables of the job that an audience gets. */
export function variablesFor(
  audience: Audience,
  env: Variables,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => ruleOf(name)?.[audience].gets !== false),
  )
}

/**
 * The ends of names whose value is a secret. `PWD` alone is the working directory, and a word that
 * only ends in KEY or PASS (HOTKEY, SSH_ASKPASS) is no key.
 */
const SECRET_NAME =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS|APIKEY|(?:^|_)(?:KEY|CREDENTIAL|PASS|PAT)|_PWD)$/i

/**
 * Registers every secret among the variables of the job: the keys that this tool knows by name,
 * what came from a dotenv secret, what is called like a secret, and passwords inside URLs. Returns
 * the names of those that hold a value too short or too common to be taken out of any text.
 */
export function registerSecretVariables(env: Variables): string[] {
  const fromDotenv = new Set((env[SECRET_NAMES] ?? '').split(/\s+/))
  const visible: string[] = []
  for (const [name, value] of Object.entries(env)) {
    const mask = ruleOf(name)?.mask
    if (value === undefined || mask === 'no') continue
    const keys = ownKeys(mask, value)
    for (const key of keys) registerKey(name, key)
    const parts = [...keys, ...secretParts(name, value, fromDotenv.has(name))]
    for (const part of parts) registerSecret(part)
    if (parts.some(isVisible)) visible.push(name)
  }
  return visible
}

/**
 * Lists what of a variable is a key that this tool works with. A dotenv secret may set the same
 * variable to what is no key, such as an address, which belongs in results.
 */
function ownKeys(mask: VariableRule['mask'] | undefined, value: string): string[] {
  switch (mask) {
    case 'whole':
      return [value]
    case 'password':
      return urlPasswords(value)
    case 'no':
    case undefined:
      return []
  }
}

/** Lists what is secret of a value. `isWhole`: all of it is, whatever its name says. */
function secretParts(name: string, value: string, isWhole: boolean): string[] {
  return [
    ...(isWhole || SECRET_NAME.test(name) ? [value] : []),
    ...urlPasswords(value),
    ...(/(?:^|_)DSN$/i.test(name) ? dsnPasswords(value) : []),
  ]
}

function isVisible(secret: string): boolean {
  const lines = linesOf(secret)
  return lines.length > 0 && lines.every((line) => classOf(line) === 'never')
}

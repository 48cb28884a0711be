// The licences of what the bundle contains: most of them ask to go wherever the code goes.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const RULE = '-'.repeat(80)

/**
 * One section for every package with code in the bundle, in the order of their names: name,
 * version, licence and its text. A package that brings no text gives its name and its authors,
 * which is what such licences ask for at least.
 */
export function licences(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const folders = inputs.flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [/^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]] : [],
  )
  return [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .map(section)
    .sort()
    .join('')
}

function section(folder) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const files = readdirSync(folder)
    .sort()
    .filter((entry) => /^(licen[cs]e|copying|notice)(\.\w+)?$/i.test(entry))
  const texts = files.map((file) =>
    readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim(),
  )
  const text =
    texts.length > 0 ? texts.join('\n\n') : `Copyright ${author?.name ?? author ?? 'the authors'}`
  return `${name} ${version}: ${license}\n\n${text}\n\n${RULE}\n\n`
}

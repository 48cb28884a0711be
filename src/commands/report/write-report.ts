import { join } from 'node:path'
import { renderComment } from '../../report/comment.ts'
import { renderHtml, type HtmlInput } from '../../report/html.ts'
import { renderTerminal } from '../../report/terminal.ts'
import { writeFileAtomic } from '../../runtime/files.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { documentColumns, usesColour } from '../../runtime/terminal.ts'
import { withoutCommands } from '../../runtime/runner-commands.ts'
import { withoutKeys, withoutKeysIn } from '../../runtime/secrets.ts'

export interface WrittenReport {
  /** Paths of the files. */
  readonly comment: string
  readonly html: string
}

/** Writes comment.md and report.html, and shows the report in the terminal. */
export async function writeReport({
  directory,
  machine,
  report,
}: {
  readonly directory: string
  readonly machine: Machine
  readonly report: HtmlInput
}): Promise<WrittenReport> {
  const checked = withoutKeysIn(report, 'the report')
  const files = { comment: join(directory, 'comment.md'), html: join(directory, 'report.html') }
  await writeFileAtomic(files.comment, withoutKeys(renderComment(checked), 'the report'))
  await writeFileAtomic(files.html, withoutKeys(renderHtml(checked), 'the report'))
  const shown = renderTerminal(checked.results, {
    ...checked,
    colour: usesColour(process.stdout, machine.env),
    columns: documentColumns(process.stdout),
  })
  process.stdout.write(`${withoutCommands(withoutKeys(shown, 'the report'))}\n`)
  return files
}

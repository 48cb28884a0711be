import type { Result } from '../result/result.ts'
import { short, took } from '../core/text.ts'
import { tasksOf, type Task } from './tasks.ts'

/** A chart with more is not read by anybody. */
const LONGEST = 60

/** What took how long, as a Mermaid chart in a code block; undefined when nothing has a time. */
export function timeline(results: readonly Result[]): string | undefined {
  const tasks = tasksOf(results).slice(0, LONGEST)
  if (tasks.length === 0) return undefined
  const environments = [...new Set(tasks.map(({ environment }) => environment))]
  const lines = environments.flatMap((environment) => [
    `  section ${environment ?? 'both'}`,
    ...tasks.filter((task) => task.environment === environment).map(line),
  ])
  return [
    '```mermaid',
    'gantt',
    '  title Times in UTC',
    '  dateFormat YYYY-MM-DDTHH:mm:ss.SSS',
    '  axisFormat %H:%M:%S',
    ...lines,
    '```',
  ].join('\n')
}

function line({ name, start, seconds, failed }: Task): string {
  const at = new Date(start).toISOString().slice(0, -1)
  return `  ${word(name)}, ${took(seconds)} :${failed ? 'crit' : 'done'}, ${at}, ${Math.max(1, Math.round(seconds * 1000))}ms`
}

/**
 * Mermaid has no quotes for names: colons, semicolons, hashes and line ends would end one, and some
 * first words are commands.
 */
function word(name: string): string {
  const plain = short(name, 60)
    .replace(/[^\p{L}\p{M}\p{N} ./()_+-]/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
  return /^[\p{L}\p{N}]/u.test(plain) &&
    !/^(?:gantt|title|section|click|call|href|dateformat|axisformat|tickinterval|includes|excludes|todaymarker|inclusiveenddates|topaxis|weekday|weekend|acc\w*|vert)/i.test(
      plain,
    )
    ? plain
    : `(${plain})`
}

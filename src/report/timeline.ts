import type { Result } from '../result/result.ts'
import { short, took } from '../core/text.ts'

interface Task {
  readonly section: string
  readonly name: string
  readonly start: string
  readonly seconds: number
  readonly failed: boolean
}

/** A chart with more is not read by anybody. */
const LONGEST = 60

/** What took how long, as a Mermaid chart in a code block; undefined when nothing has a time. */
export function timeline(results: readonly Result[]): string | undefined {
  const tasks = results
    .flatMap(tasksOf)
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
    .slice(0, LONGEST)
  if (tasks.length === 0) return undefined
  const sections = [...new Set(tasks.map(({ section }) => section))]
  const lines = sections.flatMap((section) => [
    `  section ${word(section)}`,
    ...tasks.filter((task) => task.section === section).map(line),
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

function tasksOf(result: Result): Task[] {
  const section = result.environment ?? 'both'
  if (result.command === 'upgrade-workspace') {
    return (result.details?.phases ?? [])
      .filter(({ status }) => status !== 'skipped')
      .map(({ name, started, seconds, status }) => ({
        section,
        name,
        start: started,
        seconds,
        failed: status === 'failed',
      }))
  }
  const names = { 'run-smoke-suite': 'smoke suite', 'rebuild-snapshots': 'snapshots' } as const
  if (result.command !== 'run-smoke-suite' && result.command !== 'rebuild-snapshots') return []
  const shard =
    result.command === 'rebuild-snapshots' && result.details?.shard != null
      ? ` ${result.details.shard}`
      : ''
  const seconds = (Date.parse(result.ended) - Date.parse(result.started)) / 1000
  // A record does not say how long it took, and neither do times between which a clock was set back.
  if (seconds <= 0) return []
  return [
    {
      section,
      name: `${names[result.command]}${shard}`,
      start: result.started,
      seconds,
      failed: result.outcome === 'failure',
    },
  ]
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

import type { Question } from '../runtime/questions.ts'
import type { ChosenCode } from './facts.ts'
import type { AmbiguousCode } from './sources.ts'
import { names } from './yaml-quote.ts'

/** Asks a person where the code of each pipeline is that several folders may have. */
export async function chooseCode(
  ambiguous: readonly AmbiguousCode[],
  ask: (questions: readonly Question<string>[]) => Promise<Partial<Record<string, string>>>,
): Promise<ChosenCode> {
  if (ambiguous.length === 0) return new Map()
  const answers = await ask(ambiguous.map(question))
  return new Map(
    ambiguous.flatMap(({ pipeline, paths }) => {
      const path = chosenPath(answers[pipeline] ?? '', paths)
      return path === undefined ? [] : [[pipeline, path]]
    }),
  )
}

function question({ pipeline, module, paths, snapshots }: AmbiguousCode): Question<string> {
  const choices = paths.map((path, index) => `${index + 1} ${names([path])}`).join(', ')
  return {
    name: pipeline,
    text: `The module ${names([module])} of ${names([pipeline])} (${names(snapshots.map(({ name }) => name))}) is in several folders: ${choices}. Which is its source? (number or folder; Enter: decide later, in the file)`,
    problem: (answer) =>
      answer === '' || chosenPath(answer, paths) !== undefined
        ? undefined
        : `A number from 1 to ${paths.length}, one of these folders, or Enter.`,
  }
}

function chosenPath(answer: string, paths: readonly string[]): string | undefined {
  return paths.find((path, index) => answer === path || answer === String(index + 1))
}

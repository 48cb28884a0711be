import { sentence } from '../core/text.ts'
import type { StackDefinition } from '../zenml-client/protocol.ts'
import type { Problem } from './blueprint.ts'

/**
 * How ZenML refuses a path of another machine (`artifact_stores/base_artifact_store.py`), and where
 * a local artifact store is that has no path of its own.
 */
const OF_ANOTHER_MACHINE = /outside of artifact store bounds|[\\/]local_stores[\\/]/

/** Adds why an artifact of a local artifact store cannot be read here, where that failed. Pure. */
export function explainLocalArtifacts(problem: Problem, { components }: StackDefinition): Problem {
  const store = components.find(({ type }) => type === 'artifact_store')
  if (store?.flavor !== 'local' || !OF_ANOTHER_MACHINE.test(problem.message)) return problem
  return {
    message: `${sentence(problem.message)} The artifact store ${store.name} of its stack is local to the machine that made the artifact, so this run cannot read it here.`,
    next: 'Run it on that machine, or give the stack a remote artifact store.',
  }
}

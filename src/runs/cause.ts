/** What ZenML's local orchestrators raise after a step failed, whatever the step failed with. */
const OF_STEPS = /^RuntimeError: Pipeline run has failed due to failure in step\(s\)/

/** The last line of a traceback, as Python prints it. */
const EXCEPTION = /^(?:\w+\.)*\w*(?:Error|Exception): \S/

/**
 * Finds the exception that made a step fail, where `exception` only says that one did: a server
 * records none of a step that failed before its function began, as for an artifact that cannot be
 * loaded. Without one in the log it is `exception` itself. Pure.
 */
export function causeOf(exception: string, log: readonly string[]): string {
  if (!OF_STEPS.test(exception)) return exception
  return log.findLast((line) => EXCEPTION.test(line) && !OF_STEPS.test(line)) ?? exception
}

/**
 * Returns what a snapshot is known by, `project/pipeline/name`: its id changes with every rebuild.
 */
export function snapshotKey({
  project,
  pipeline,
  name,
}: {
  readonly project: string
  readonly pipeline: string
  readonly name: string
}): string {
  return `${project}/${pipeline}/${name}`
}

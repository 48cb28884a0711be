/**
 * What may differ between a snapshot and its rebuilt successor, each with its reason. Everything else
 * is compared. Paths are of the server's record; `*` is one key, `**` any number of them.
 */
export const NOT_COMPARED = {
  id: 'Identifies the record.',
  'body.created': 'The time of the rebuild.',
  'body.updated': 'The time of the rebuild.',
  'body.user_id': 'Identifies who made it: the service account.',
  'body.pipeline_id': 'An id that older servers do not give; the name of the pipeline is compared.',
  'body.runnable': 'Depends on the build; its loss is judged by itself.',
  'body.deployable': 'Depends on the build; its loss is judged by itself.',
  'metadata.client_environment': 'Where the snapshot was made, which a rebuild renews.',
  'metadata.client_version': 'What a rebuild renews.',
  'metadata.server_version': 'What a rebuild renews.',
  'metadata.pipeline_version_hash': 'A digest.',
  'metadata.code_path': 'A code reference.',
  'metadata.source_code': 'The code itself; what it compiles to is compared.',
  'metadata.template_id': 'An id.',
  'metadata.source_snapshot_id': 'An id.',
  'metadata.config_template': 'The server derives it from what is compared.',
  'metadata.config_schema': 'The server derives it from what is compared.',
  'metadata.pipeline_spec.version': 'The version of the format.',
  'metadata.pipeline_spec.steps': 'The same as the `spec` of every step, which is compared.',
  'metadata.pipeline_spec.input_schema':
    'pydantic derives it from the parameters, which are compared; older clients record none.',
  'metadata.pipeline_spec.output_schema':
    'pydantic derives it from the outputs, which are compared; older clients record none.',
  'metadata.step_configurations.*.spec.parameter_spec':
    'pydantic derives it from the parameters, which are compared; older clients record none.',
  'metadata.step_configurations.*.*.caching_parameters': 'Digests of code.',
  '**.model_version_id': 'An id.',
  'resources.user': 'Who made it: the service account.',
  'resources.pipeline.id': 'An id; the name is compared.',
  'resources.*.body': 'Times and ids of another entity.',
  'resources.build': 'A build reference.',
  'resources.code_reference': 'A code reference; its loss is reported by itself.',
  'resources.schedule': 'A named snapshot has none; schedules are recreated by themselves.',
  'resources.deployment': 'An id of another entity.',
  'resources.latest_run_id': 'An id of a run.',
  'resources.latest_run_status': 'Of a run.',
  'resources.latest_run_user': 'Of a run.',
  'resources.visualizations': 'Ids of other entities.',
} as const satisfies Readonly<Record<string, string>>

const PATTERNS = Object.keys(NOT_COMPARED).map((pattern) => pattern.split('.'))

/** Whether a path of a record is compared. */
export function isCompared(path: readonly string[]): boolean {
  return !PATTERNS.some((pattern) => fits(pattern, path))
}

function fits([first, ...rest]: readonly string[], path: readonly string[]): boolean {
  if (first === undefined) return path.length === 0
  if (first === '**') return path.some((_, index) => fits(rest, path.slice(index)))
  return (first === '*' || first === path[0]) && path.length > 0 && fits(rest, path.slice(1))
}

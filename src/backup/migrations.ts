// Written by scripts/migrations.py; docs/development.md says how. Do not edit.

/** What the migrations of one release do to rows and columns that the release before it had. */
export interface ReleaseMigrations {
  /** Migration scripts of ZenML that do it. */
  readonly sources: readonly string[]
  readonly renamedTables?: Readonly<Record<string, string>>
  readonly droppedTables?: readonly string[]
  readonly droppedColumns?: Readonly<Record<string, readonly string[]>>
  readonly rewritten?: Readonly<Record<string, readonly string[]>>
  /** By table: a row goes where all of these columns are NULL. */
  readonly deletedWithout?: Readonly<Record<string, readonly string[]>>
}

/** Every release of ZenML from the oldest to the newest one that was read, in order. */
export const READ_RELEASES: readonly string[] = [
  '0.90.0',
  '0.91.0',
  '0.91.1',
  '0.91.2',
  '0.92.0',
  '0.93.0',
  '0.93.1',
  '0.93.2',
  '0.93.3',
  '0.94.0',
  '0.94.1',
  '0.94.2',
  '0.94.3',
  '0.94.4',
  '0.94.5',
  '0.94.6',
  '0.95.0',
  '0.95.1',
  '0.96.0',
  '0.96.1',
  '0.96.2',
  '0.96.3',
  '0.96.4',
  '0.97.0',
  '0.98.0',
]

/** By release; one that is missing does nothing to data that was there. */
export const RELEASE_MIGRATIONS: Readonly<Record<string, ReleaseMigrations>> = {
  '0.93.3': {
    sources: [
      '73c397e3c3ba_add_api_transaction_result_table.py',
      '8e36b8227160_remove_logs_unique_constraint.py',
    ],
    droppedColumns: {
      api_transaction: ['result'],
    },
    deletedWithout: {
      logs: ['pipeline_run_id', 'step_run_id'],
    },
  },
  '0.94.0': {
    sources: ['97109a4a8d26_remove_triggers.py'],
    droppedTables: ['action', 'event_source', 'trigger', 'trigger_execution'],
    droppedColumns: {
      pipeline_run: ['trigger_execution_id'],
    },
  },
  '0.94.3': {
    sources: ['e6dfd46db163_remove_unique_log_key.py'],
    droppedColumns: {
      logs: ['log_key'],
    },
  },
  '0.97.0': {
    sources: ['9f2b8c7d6e5a_drop_resource_pool_entities.py'],
    droppedTables: [
      'resource_pool',
      'resource_pool_allocation',
      'resource_pool_queue',
      'resource_pool_resource',
      'resource_pool_subject_policy',
      'resource_pool_subject_policy_resource',
      'resource_request',
      'resource_request_resource',
    ],
  },
}

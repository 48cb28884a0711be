// What a server writes by itself. A restore loses these too, and nobody misses them; every other
// table holds users' work. Chosen on the schemas of ZenML 0.85.0 to 0.98.0, and on what an idle,
// freshly upgraded 0.98.0 server was seen to write.

/** Tables of which nothing is counted, with the reason. */
export const BOOKKEEPING_TABLES: Readonly<Record<string, string>> = {
  alembic_version: 'the revision of the schema, written by the migration',
  api_transaction: 'answers kept for minutes so that a repeated request does not act twice',
  api_transaction_result: 'bodies of those answers',
  auth_devices: 'logins of browsers and command lines; a person logs in again',
  identity: 'the id of the server in old schemas, written once',
  webhook_stats: 'counters of deliveries',
}

/** Columns that change without a person's doing; the other columns of the table are compared. */
export const BOOKKEEPING_COLUMNS: Readonly<
  Record<string, { readonly columns: readonly string[]; readonly why: string }>
> = {
  api_key: { columns: ['last_login', 'updated'], why: 'every login stamps its key' },
  run_wait_condition: {
    columns: ['last_polled_at', 'poller_instance_id', 'poller_lease_expires_at', 'updated'],
    why: 'whoever waits polls, and every poll stamps it',
  },
  server_settings: {
    columns: ['last_user_activity', 'onboarding_state', 'updated'],
    why: 'the server notes when it was used last, and the steps of its welcome tour',
  },
  step_run: { columns: ['latest_heartbeat'], why: 'a running step tells that it lives' },
  trigger: { columns: ['next_occurrence'], why: 'worked out from the schedule' },
}

/** Tables where rows with 0 in this column are the server's own. */
export const USERS_ROWS: Readonly<
  Record<string, { readonly column: string; readonly why: string }>
> = {
  flavor: {
    column: 'is_custom',
    why: 'built-in flavors are rewritten at every start of another version',
  },
}

/**
 * Tables whose `updated` does not follow every change (seen in the source of ZenML 0.94.1 and
 * 0.98.0): they are compared by content, also across a migration. Elsewhere `updated` is used
 * across a migration, because a migration rewrites content and leaves `updated` alone.
 */
export const UPDATED_IS_NOT_KEPT: Readonly<Record<string, string>> = {
  hook_invocation: 'its status is set without a stamp',
  trigger: 'an edited trigger keeps its old stamp',
}

/** Tables that a migration renamed and whose rows kept their ids: old name to new name. */
export const RENAMED_TABLES: Readonly<Record<string, string>> = {
  pipeline_deployment: 'pipeline_snapshot',
  workspace: 'project',
}

/**
 * Columns that a server in use changes without moving `updated`, and columns of tables whose rows
 * have no stamp (read in the source of ZenML 0.90.0 to 0.98.0). A difference in them says nothing.
 */
export const CHANGED_WITHOUT_STAMP: Readonly<
  Record<string, { readonly columns: readonly string[]; readonly why: string }>
> = {
  hook_invocation: {
    columns: ['status', 'end_time', 'exception_info', 'updated'],
    why: 'set without a stamp when the hook ends',
  },
  pipeline: { columns: ['run_count'], why: 'counted up by every run' },
  pipeline_run: { columns: ['enable_heartbeat'], why: 'switched off when a run ends' },
  stack_composition: {
    columns: ['default_for_type'],
    why: 'rows have no stamp; set with the stack',
  },
  step_run: {
    columns: ['heartbeat_threshold', 'status', 'end_time'],
    why: 'set by the end of the run, and by a retry',
  },
  trigger: {
    columns: [
      'active',
      'concurrency',
      'configuration',
      'flavor',
      'is_archived',
      'name',
      'source_entity',
      'target_events',
      'updated',
      'webhook_id',
    ],
    why: 'an edited trigger keeps its old stamp',
  },
  trigger_execution: { columns: ['info'], why: 'rows have no stamp; written with the run' },
  trigger_snapshot: {
    columns: ['dispatch_state'],
    why: 'rows have no stamp; written by dispatches',
  },
}

/**
 * Where data lies. No one edits these while a server is upgraded, so they are compared in every
 * row, also in one that was changed since the backup. `configuration.path` is the path inside the
 * configuration of an artifact store.
 */
export const LOCATIONS: Readonly<Record<string, readonly string[]>> = {
  artifact_version: ['uri'],
  artifact_visualization: ['uri'],
  logs: ['uri'],
  stack_component: ['configuration.path'],
}

/**
 * Names, locations, references to secrets and configurations: what is compared by content between
 * releases whose migrations were not read.
 */
export const LISTED_COLUMNS =
  /^(?:.*_)?(?:name|uri|path|url|secret_id|values|config|configuration|labels|key|source)$/

import { join } from 'node:path'

/** The Python package of the fork server, as the sources have it. */
export const FORK_SERVER_PACKAGE = join(
  import.meta.dirname,
  '..',
  '..',
  'src',
  'zenml-client',
  'zenml_upgrade_fork_server',
)

/** What Python runs to start it. */
export const FORK_SERVER = join(FORK_SERVER_PACKAGE, '__main__.py')

# Migrates the database that ZENML_STORE_URL names to the schema of the installed ZenML, and proves it by reading the
# revision back. `zenml migrate-database` exits 0 also when it is connected to a server and did nothing.
#
# Everything slow is imported before the word `go`, while the old server still serves. If our process dies before it says
# `go`, standard input ends and nothing was touched; after it this process finishes whatever becomes of ours.
import json
import os
import sys

from zenml import __version__
from zenml.config.global_config import GlobalConfiguration
from zenml.enums import StoreType
from zenml.zen_stores import sql_zen_store  # noqa: F401  the slowest import
from zenml.zen_stores.base_zen_store import BaseZenStore

config = GlobalConfiguration().store_configuration
if config.type != StoreType.SQL:
    sys.exit("ZENML_STORE_URL does not name a database")
print(f"zenml-upgrade: ready to migrate to ZenML {__version__}", flush=True)
if sys.stdin.readline() != "go\n":
    sys.exit("nothing was migrated: not told to go")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

# The server adds default users and stacks itself when it starts.
store = BaseZenStore.create_store(config, skip_default_registrations=True)
current, head = sorted(store.alembic.current_revisions()), sorted(store.alembic.head_revisions())
print(
    "zenml-upgrade: " + json.dumps({"version": __version__, "current": current, "head": head}),
    flush=True,
)
if current != head:
    sys.exit(f"the database is at {current}, ZenML {__version__} needs {head}")

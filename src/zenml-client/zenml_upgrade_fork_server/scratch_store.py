"""A local store for one planning job, which is discarded with the job."""

import contextlib
import fcntl
import os
import shutil
import sqlite3

SECRETS_NOT_CHECKED = "Secrets that the pipeline names: planning does not ask the server for them."


def open_scratch_store(directory):
    """Gives this process a local store.

    Making a store takes seconds, so the first one is kept and the others are copies of it.
    """
    from zenml.client import Client

    template = os.path.join(os.path.dirname(directory), "template.db")
    database = os.path.join(directory, "zenml.db")
    os.environ["ZENML_STORE_URL"] = f"sqlite:///{database}"
    with open(template + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(template):
            Client().zen_store  # noqa: B018 - the first access makes and migrates the database
            with contextlib.closing(sqlite3.connect(database)) as source:
                with contextlib.closing(sqlite3.connect(template + ".part")) as target:
                    source.backup(target)
            os.rename(template + ".part", template)
            return
    shutil.copyfile(template, database)


def leave_out_secrets(not_checked):
    """Makes ZenML compile a pipeline without the secrets that the pipeline names.

    ZenML resolves their names on the server while it compiles. The scratch store has none of them.
    """
    from zenml.utils import secret_utils

    def no_secrets(secrets):
        if secrets and SECRETS_NOT_CHECKED not in not_checked:
            not_checked.append(SECRETS_NOT_CHECKED)
        return []

    if hasattr(secret_utils, "resolve_and_verify_secrets"):
        secret_utils.resolve_and_verify_secrets = no_secrets

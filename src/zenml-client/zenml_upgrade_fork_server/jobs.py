"""Runs one job in a forked child."""

import contextlib
import json
import os
import sys

from .file_descriptors import write_all
from .isolation import enter_source
from .operations import OPERATIONS
from .results import failed_with


def run_job(job, directory, result_fd):
    """Runs one job, writes its result and ends the process. Never returns."""
    own = os.getpid()
    # Remains the result only when even the failure of the job cannot be described.
    result = {
        "ok": False,
        "kind": "crash",
        "error": "The job did not begin.",
        "next": None,
        "traceback": "",
        "runId": None,
    }
    try:
        enter_source(job, directory)
        result = {"ok": True, "value": OPERATIONS[job["op"]](job, directory)}
    except BaseException as error:  # also SystemExit and KeyboardInterrupt of the user's code
        result = failed_with(error, job)
    finally:
        if os.getpid() != own:
            os._exit(0)  # the user's code forked this process, and the copy came back here
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        write_all(result_fd, (json.dumps(result, default=str) + "\n").encode())
        # Threads and exit handlers of the user's code must not delay or change the end.
        os._exit(0)

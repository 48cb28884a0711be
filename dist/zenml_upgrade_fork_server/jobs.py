"""Runs one job in a forked child."""

import contextlib
import json
import os
import sys

from .file_descriptors import write_all
from .isolation import enter_source, leave_server
from .operations import OPERATIONS
from .results import failed, failed_with


def run_job(job, directory, channels, server_pid, server_fds):
    """Runs one job, writes its result and ends the process. Never returns.

    `channels` are the file descriptors for the result and for what the job prints.
    """
    own = os.getpid()
    result_fd, output_fd = channels
    exit_code = 1
    # Remains the result only when even the failure of the job cannot be described.
    line = encode(failed("crash", "The job did not begin."))
    try:
        leave_server(server_pid, output_fd, server_fds)
        enter_source(job, directory)
        line = encode({"ok": True, "value": OPERATIONS[job["op"]](job, directory)})
    except BaseException as error:  # also SystemExit and KeyboardInterrupt of the user's code
        line = encode(failed_with(error, job))
    finally:
        try:
            # Another process is one that the user's code forked, and the copy came back here.
            if os.getpid() == own:
                report(line, result_fd)
            exit_code = 0
        finally:
            # Threads and exit handlers of the user's code must not delay or change the end, and an
            # exception must not carry this process into the loop of the server.
            os._exit(exit_code)


def encode(result):
    """Returns one line of JSON for the server. ValueError for numbers that JSON does not have."""
    return (json.dumps(result, default=str, allow_nan=False) + "\n").encode()


def report(line, result_fd):
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    write_all(result_fd, line)

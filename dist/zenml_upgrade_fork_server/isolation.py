"""Separates a child from the server, from other children and from the user's own ZenML."""

import importlib
import os
import signal
import sys

from .errors import JobError
from .kernel import adopt_orphans, end_first, end_with


def leave_server(server_pid, output_fd, server_fds):
    """Gives the child its own session and output and takes from it what belongs to the server."""
    os.setsid()
    end_with(server_pid)
    end_first()
    adopt_orphans()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    for fd in server_fds:
        os.close(fd)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(output_fd, 1)
    os.dup2(output_fd, 2)
    os.close(output_fd)


def enter_source(job, directory):
    """Gives the child its own environment and import path."""
    root = job["sourceRoot"]
    if not os.path.isdir(root):
        raise JobError(
            "import", f"The source root {root} is not a directory.", "Correct the source's `path`."
        )
    os.environ.update(job["env"])
    os.environ["ZENML_CONFIG_PATH"] = os.path.join(directory, "config")
    # A directory without `.zen`. The user's own `.zen` says which stack and project are active on
    # the user's machine, and ZenML would rewrite it.
    os.environ["ZENML_REPOSITORY_PATH"] = directory
    os.chdir(root)
    sys.path.insert(0, root)
    sys.argv = [job["pipelineSource"]]
    # From now on all children share the byte code of what they import. It stays out of the user's
    # tree.
    sys.pycache_prefix = os.path.join(sys.prefix, "pycache")
    importlib.invalidate_caches()
    forget_stores()
    from zenml.utils import source_utils

    source_utils.set_custom_source_root(root)


def forget_stores():
    """Drops stores that were opened before the fork.

    There must be none, but a later ZenML may open one while it is imported.
    """
    from zenml.client import Client
    from zenml.config.global_config import GlobalConfiguration

    GlobalConfiguration._reset_instance()
    Client._reset_instance()

"""What the server asks of the Linux kernel. Other systems do without."""

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# Of 1000, which is "end this process first".
OOM_SCORE = "500"


def prctl(option, value):
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0)))


def adopt_orphans():
    """Makes this process the parent of descendants whose own parent ended, so that it finds them.

    A process that left the session of its job would otherwise go on after the job.
    """
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_with(parent):
    """Makes the kernel end this process when its parent ends."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os._exit(1)


def end_first():
    """When memory runs out, the kernel shall end this process rather than the server."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(OOM_SCORE)


def children_of(parent):
    """The process IDs of the children of a process; empty where there is no /proc."""
    found = []
    with contextlib.suppress(OSError):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                # The name of the program, in parentheses, may hold anything.
                if int(file.read().rpartition(b")")[2].split()[1]) == parent:
                    found.append(int(name))
    return found

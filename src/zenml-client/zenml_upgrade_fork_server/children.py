"""A child process as the server sees it."""

import contextlib
import json
import os
import signal
import time

from .file_descriptors import READ_SIZE
from .results import failed

# How long a child may take to end after SIGTERM, in seconds.
GRACE = 5.0


class Child:
    """A forked process that runs one job."""

    def __init__(self, number, job, pid, result_fd, directory):
        self.number = number
        self.op = job["op"]
        self.pid = pid
        self.result_fd = result_fd
        self.directory = directory
        self.started = time.monotonic()
        self.timeout = job["timeoutSeconds"]
        self.deadline = self.started + self.timeout
        self.terminated = None  # when SIGTERM was sent
        self.output = b""

    def drain(self):
        """Reads what is there. Returns False at the end of the pipe."""
        while True:
            try:
                data = os.read(self.result_fd, READ_SIZE)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.output += data

    def signal(self, number):
        """Sends a signal to the child and to what it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def next_deadline(self):
        """When the next signal is due: SIGTERM at the deadline, SIGKILL when the grace is over."""
        return self.deadline if self.terminated is None else self.terminated + GRACE

    def end_if_overdue(self, now):
        if now < self.next_deadline():
            return
        if self.terminated is None:
            self.terminated = now
            self.signal(signal.SIGTERM)
        else:
            self.signal(signal.SIGKILL)

    def result(self, status):
        """The result that the child wrote, or else what its exit status says."""
        if self.output.endswith(b"\n"):
            return json.loads(self.output)
        if self.terminated is not None:
            return failed(
                "timeout",
                f"The {self.op} job did not end within {self.timeout:g} s and was ended.",
            )
        if os.WIFSIGNALED(status):
            how = f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
        else:
            how = f"ended with exit code {os.WEXITSTATUS(status)}"
        return failed("crash", f"The process of the job {how} before it had a result.")

"""A child process as the server sees it."""

import contextlib
import json
import os
import signal
import time

from .file_descriptors import READ_SIZE
from .job_log import JobLog
from .results import failed

# How long a child may take to end after SIGTERM, in seconds.
GRACE = 5.0
# No result is nearly as long.
RESULT_BYTES = 64 << 20
# The most that the kernel holds of a pipe by default: what is there when the writer has ended.
PIPE_BYTES = 1 << 20


class Child:
    """A forked process that runs one job."""

    def __init__(self, number, job, pid, channels, directory):
        self.number = number
        self.op = job["op"]
        self.pid = pid
        self.directory = directory
        self.started = time.monotonic()
        self.timeout = job["timeoutSeconds"]
        self.deadline = self.started + self.timeout
        self.terminated = None  # when SIGTERM was sent
        self.result_fd, self.output_fd = channels
        self.ended_fds = set()
        self.written = bytearray()
        self.log = JobLog(job["logPath"])

    def open_fds(self):
        """The file descriptors from which something may come."""
        return [fd for fd in (self.result_fd, self.output_fd) if fd not in self.ended_fds]

    def read(self, fd):
        """Reads once, because a flood has no end. Returns the number of bytes."""
        try:
            data = os.read(fd, READ_SIZE)
        except BlockingIOError:
            return 0
        if not data:
            self.ended_fds.add(fd)
        elif fd == self.output_fd:
            self.log.add(data)
        elif len(self.written) < RESULT_BYTES:
            self.written += data
        else:
            self.signal(signal.SIGKILL)
        return len(data)

    def close(self):
        """Reads what is left and closes the pipes, which other processes may hold open."""
        for fd in (self.result_fd, self.output_fd):
            left = PIPE_BYTES
            while left > 0 and (size := self.read(fd)):
                left -= size
            os.close(fd)
        self.log.close()

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
        result = parse_result(self.written)
        if result is not None:
            return result
        if self.terminated is not None:
            return failed(
                "timeout",
                f"The {self.op} job did not end within {self.timeout:g} s and was ended.",
            )
        if self.written:
            return failed(
                "crash",
                "The code wrote into a file descriptor that it did not open: that of its result.",
                "Look for code that writes into descriptors by number.",
            )
        return failed(
            "crash", f"The process of the job {describe_end(status)} before it had a result."
        )


def parse_result(written):
    """The result in what a child wrote; None when it is not one line of JSON."""
    if not written.endswith(b"\n"):
        return None
    try:
        result = json.loads(written)
        json.dumps(result, allow_nan=False)  # Python reads and writes numbers that JSON lacks
    except (ValueError, RecursionError):
        return None
    return result


def describe_end(status):
    if not os.WIFSIGNALED(status):
        return f"ended with exit code {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    try:
        return f"was ended by {signal.Signals(number).name}"
    except ValueError:  # a real-time signal has no name
        return f"was ended by signal {number}"

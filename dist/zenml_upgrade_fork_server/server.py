"""Reads jobs, starts a child for each of them, and reports their results."""

import contextlib
import errno
import json
import os
import select
import shutil
import signal
import sys
import time
from collections import deque

from .children import GRACE, Child
from .file_descriptors import READ_SIZE, write_all
from .jobs import run_job
from .preload import import_local_store, import_zenml
from .versions import python_version, zenml_version


class Server:
    """Runs up to `parallel` jobs at the same time, until standard input ends or SIGTERM arrives."""

    def __init__(self, parallel, work, events):
        self.parallel = parallel
        self.work = work
        self.events = events
        self.waiting = deque()
        self.children = {}
        self.input = b""
        self.open = True
        # The end of a child wakes the loop through this pipe.
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, *_):
        self.open = False

    def emit(self, event):
        write_all(self.events, (json.dumps(event) + "\n").encode())

    def serve(self):
        try:
            while self.open:
                self.start_waiting()
                self.wait()
                self.end_overdue()
                self.reap()
        finally:
            self.end_all()

    def start_waiting(self):
        while self.waiting and len(self.children) < self.parallel:
            line = self.waiting.popleft()
            self.start(line["id"], line["job"])

    def start(self, number, job):
        if job["op"] == "configure":
            import_local_store()
        directory = os.path.join(self.work, f"job-{number}")
        os.mkdir(directory, 0o700)
        read_fd, write_fd = os.pipe()
        os.set_blocking(read_fd, False)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            run_job(job, directory, write_fd, [read_fd, *self.own_fds()])
        os.close(write_fd)
        self.children[pid] = Child(number, job, pid, read_fd, directory)
        self.emit({"event": "started", "id": number, "pid": pid})

    def own_fds(self):
        """File descriptors that no child may use."""
        results = (child.result_fd for child in self.children.values())
        return [self.wake_read, self.wake_write, self.events, *results]

    def wait(self):
        """Waits until a job or a result arrives, a child ends, or a deadline passes."""
        now = time.monotonic()
        alarms = [child.next_deadline() - now for child in self.children.values()]
        files = [0, self.wake_read, *(child.result_fd for child in self.children.values())]
        readable, _, _ = select.select(files, [], [], max(0.0, min(alarms, default=60.0)))
        if self.wake_read in readable:
            with contextlib.suppress(BlockingIOError):
                while os.read(self.wake_read, READ_SIZE):
                    pass
        for child in self.children.values():
            if child.result_fd in readable and not child.drain():
                # At its end the pipe stays readable, which would keep this loop busy. The child
                # itself ends at once.
                time.sleep(0.01)
        if 0 in readable:
            self.read_jobs()

    def read_jobs(self):
        data = os.read(0, READ_SIZE)
        if not data:
            self.open = False
            return
        *lines, self.input = (self.input + data).split(b"\n")
        self.waiting.extend(json.loads(line) for line in lines)

    def end_overdue(self):
        now = time.monotonic()
        for child in self.children.values():
            child.end_if_overdue(now)

    def end_all(self):
        for child in self.children.values():
            child.signal(signal.SIGTERM)
        end = time.monotonic() + GRACE
        while self.children and time.monotonic() < end:
            time.sleep(0.05)
            self.reap(silent=True)
        for child in self.children.values():
            child.signal(signal.SIGKILL)

    def reap(self, silent=False):
        """Cleans up after children that have ended, and reports their results."""
        for pid in list(self.children):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except OSError as error:
                if error.errno != errno.ECHILD:
                    raise
                ended, status = pid, 0
            if ended == 0:
                continue
            child = self.children.pop(pid)
            child.drain()
            os.close(child.result_fd)
            child.signal(signal.SIGKILL)  # what the user's code left running in the background
            shutil.rmtree(child.directory, ignore_errors=True)
            if not silent:
                seconds = round(time.monotonic() - child.started, 3)
                result = child.result(status)
                self.emit(
                    {"event": "done", "id": child.number, "seconds": seconds, "result": result}
                )


def main():
    parallel, work = int(sys.argv[1]), sys.argv[2]
    # Standard output is for events alone. What else prints, here or in ZenML, goes to standard
    # error.
    events = os.dup(1)
    os.dup2(2, 1)
    os.environ["ZENML_CONFIG_PATH"] = os.path.join(work, "server")
    started = time.monotonic()
    import_zenml()
    server = Server(parallel, work, events)
    server.emit(
        {
            "event": "ready",
            "zenmlVersion": zenml_version(),
            "pythonVersion": python_version(),
            "importSeconds": round(time.monotonic() - started, 3),
        }
    )
    server.serve()
    sys.stderr.flush()
    os._exit(0)  # Python would take seconds to take thousands of modules apart

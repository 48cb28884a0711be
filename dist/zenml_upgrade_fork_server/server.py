"""Reads jobs, starts a child for each of them, and reports their results."""

import contextlib
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
from .kernel import adopt_orphans, children_of
from .preload import import_local_store, import_zenml
from .results import failed
from .versions import python_version, zenml_version


class Server:
    """Runs up to `parallel` jobs at the same time, until standard input ends or SIGTERM arrives."""

    def __init__(self, parallel, work, events):
        self.pid = os.getpid()
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
        fds = []
        try:
            os.makedirs(directory, 0o700)
            fds += os.pipe()
            fds += os.pipe()
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
        except OSError as error:  # the disk is full, or there are too many processes
            for fd in fds:
                os.close(fd)
            reason = f"The process of the job could not be started: {error.strerror}."
            self.report(number, 0.0, failed("crash", reason))
            return
        read_result, write_result, read_output, write_output = fds
        if pid == 0:
            server_fds = [read_result, read_output, *self.own_fds()]
            run_job(job, directory, (write_result, write_output), self.pid, server_fds)
        for fd in (write_result, write_output):
            os.close(fd)
        for fd in (read_result, read_output):
            os.set_blocking(fd, False)
        self.children[pid] = Child(number, job, pid, (read_result, read_output), directory)
        self.emit({"event": "started", "id": number, "pid": pid})

    def report(self, number, seconds, result):
        self.emit({"event": "done", "id": number, "seconds": seconds, "result": result})

    def own_fds(self):
        """File descriptors that no child may use."""
        channels = (
            fd for child in self.children.values() for fd in (child.result_fd, child.output_fd)
        )
        return [self.wake_read, self.wake_write, self.events, *channels]

    def wait(self):
        """Waits until a job, output or a result arrives, a child ends, or a deadline passes."""
        now = time.monotonic()
        alarms = [child.next_deadline() - now for child in self.children.values()]
        owners = {fd: child for child in self.children.values() for fd in child.open_fds()}
        files = [0, self.wake_read, *owners]
        readable, _, _ = select.select(files, [], [], max(0.0, min(alarms, default=60.0)))
        if self.wake_read in readable:
            with contextlib.suppress(BlockingIOError):
                while os.read(self.wake_read, READ_SIZE):
                    pass
        for fd in owners.keys() & set(readable):
            owners[fd].read(fd)
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
            for child in self.children.values():
                for fd in child.open_fds():
                    child.read(fd)  # a child that cannot print does not end
            self.reap(silent=True)
        for child in self.children.values():
            child.signal(signal.SIGKILL)
            child.close()
        self.end_orphans()

    def reap(self, silent=False):
        """Cleans up after children that have ended, and reports their results."""
        reaped = False
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0] != 0:
                reaped = True
                # Another process is an orphan of a job.
                child = self.children.pop(ended[0], None)
                if child is not None:
                    self.finish(child, ended[1], silent)
        if reaped:
            self.end_orphans()

    def finish(self, child, status, silent):
        child.signal(signal.SIGKILL)  # what the user's code left running in the background
        child.close()
        shutil.rmtree(child.directory, ignore_errors=True)
        if not silent:
            self.report(
                child.number, round(time.monotonic() - child.started, 3), child.result(status)
            )

    def end_orphans(self):
        """Ends what left the session of its job and whose job has ended.

        Every child adopts its own orphans while it runs. The orphans of those that are ended here
        come next, when the end of their parents wakes the server.
        """
        for pid in children_of(os.getpid()):
            if pid not in self.children:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


def main():
    parallel, work = int(sys.argv[1]), sys.argv[2]
    # Standard output is for events alone. What else prints, here or in ZenML, goes to standard
    # error.
    events = os.dup(1)
    os.dup2(2, 1)
    os.environ["ZENML_CONFIG_PATH"] = os.path.join(work, "server")
    started = time.monotonic()
    import_zenml()
    adopt_orphans()
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

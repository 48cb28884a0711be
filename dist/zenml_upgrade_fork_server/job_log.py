"""The log of a job, of bounded size."""

import contextlib
from collections import deque

HEAD_BYTES = 8 << 20
TAIL_BYTES = 1 << 20


class JobLog:
    """Writes the beginning of what a job prints at once, and the end of it when the job is over.

    A job that floods its output must not fill the disk. Its log may be incomplete on a full one.
    """

    def __init__(self, path):
        self.path = path
        self.written = 0
        self.tail = deque()
        self.tail_bytes = 0
        self.left_out = 0

    def add(self, data):
        head = data[: HEAD_BYTES - self.written]
        self.append(head)
        self.written += len(head)
        rest = data[len(head) :]
        if not rest:
            return
        self.tail.append(rest)
        self.tail_bytes += len(rest)
        while self.tail_bytes - len(self.tail[0]) >= TAIL_BYTES:
            first = len(self.tail.popleft())
            self.tail_bytes -= first
            self.left_out += first

    def close(self):
        if self.left_out:
            self.append(f"\n[{self.left_out} bytes of output are left out here]\n".encode())
        self.append(b"".join(self.tail))

    def append(self, data):
        with contextlib.suppress(OSError), open(self.path, "ab") as file:
            file.write(data)

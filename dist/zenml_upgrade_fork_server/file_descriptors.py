"""Reading from and writing to file descriptors, without the buffers of Python."""

import os

READ_SIZE = 1 << 16


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data) :]

"""Runs a program in a terminal of so many columns and prints what it writes there.

Usage: in_terminal.py COLUMNS PROGRAM [ARGUMENT]...
"""

import fcntl
import os
import pty
import struct
import sys
import termios

END_OF_INPUT = b"\x04"


def main() -> int:
    columns, *argv = sys.argv[1:]
    pid, terminal = pty.fork()
    if pid == 0:
        # Before the program starts: it may ask for the size at once.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
        os.execvp(argv[0], argv)
    while output := read(terminal):
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
        if not output.endswith(b"\n"):
            # A question.
            os.write(terminal, END_OF_INPUT)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux reports the end of a terminal as an error.
        return b""


sys.exit(main())

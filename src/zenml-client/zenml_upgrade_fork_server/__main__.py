"""Starts the fork server: `python <path of this file> PARALLEL WORK_DIRECTORY`.

User code runs in children of this process, so the import path must not contain this directory. If
it did, `import errors` in a pipeline could find our module instead of the user's. Python puts the
directory of the file that it runs on the import path. This file takes it off again and imports the
package by its full name.
"""

import os
import sys


def load_main():
    """Imports the package without leaving its place on the import path or byte code beside it."""
    package = os.path.dirname(os.path.realpath(__file__))
    # Python resolves symbolic links in this entry. With PYTHONSAFEPATH it adds no entry.
    if os.path.realpath(sys.path[0]) == package:
        del sys.path[0]
    sys.path.insert(0, os.path.dirname(package))
    # This directory belongs to a checkout of the action, which may be read-only.
    writes_no_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        from zenml_upgrade_fork_server.server import main
    finally:
        sys.dont_write_bytecode = writes_no_bytecode
        del sys.path[0]
    return main


# A process that user code spawns with `multiprocessing` loads this file again, under another name.
if __name__ == "__main__":
    load_main()()

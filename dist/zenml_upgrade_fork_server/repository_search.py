"""Finds files in the repository of a source, with bounded work."""

import os
import re

# Directories that hold what was installed, and no code of the repository.
SKIPPED = {"node_modules", "site-packages", "__pycache__", "venv"}
MOST_DIRECTORIES = 10_000


def repository_of(root):
    """The Git work tree around a directory, or the directory itself where there is none."""
    directory = os.path.abspath(root)
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return root
        directory = parent
    return directory


def files_of(repository):
    """Paths of its files, relative to it and with slashes.

    Leaves out hidden directories and virtual environments, and stops after MOST_DIRECTORIES.
    """
    files = []
    walk = os.walk(repository)
    for _, (directory, directories, names) in zip(range(MOST_DIRECTORIES), walk, strict=False):
        if "pyvenv.cfg" in names:
            directories.clear()
            continue
        directories[:] = sorted(
            name for name in directories if name not in SKIPPED and not name.startswith(".")
        )
        below = os.path.relpath(directory, repository).replace(os.sep, "/")
        files += [name if below == "." else f"{below}/{name}" for name in sorted(names)]
    return files


def roots_of_module(module, files):
    """Directories from which a module can be imported; `.` is the repository."""
    return roots_before(module, r"(?:\.py|/__init__\.py)", files)


def roots_of_package(name, files):
    """Directories from which a module or a package, with or without `__init__.py`, is imported."""
    return roots_before(name, r"(?:\.py|/[^/]+\.py)", files)


def roots_before(module, ending, files):
    pattern = re.compile(rf"(?:(?P<root>.*)/)?{re.escape(module.replace('.', '/'))}{ending}")
    found = (pattern.fullmatch(file) for file in files)
    return sorted({match["root"] or "." for match in found if match})

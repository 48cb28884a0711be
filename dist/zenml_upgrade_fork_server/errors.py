"""Failures of a job whose cause is known, and the phase of the job in which a failure happened."""

import contextlib


class JobError(Exception):
    """A failure whose kind is known, and often also its remedy."""

    def __init__(self, kind, message, remedy=None):
        super().__init__(message)
        self.kind = kind
        self.remedy = remedy


_current_phase = "import"


def current_phase():
    """The kind of an exception that is not a JobError. A job begins in the phase `import`."""
    return _current_phase


@contextlib.contextmanager
def phase(name):
    """Names the phase for failures inside the block."""
    global _current_phase
    before, _current_phase = _current_phase, name
    yield
    # Not in a `finally`: after a failure the phase in which it happened must remain.
    _current_phase = before

"""Collects what a person should know about a job that succeeds."""

_notes = []


def note(sentence):
    """Prints a sentence, which puts it into the log of the job, and keeps it for the result."""
    if sentence not in _notes:
        print(sentence)
        _notes.append(sentence)


def noted():
    """The sentences of this job, in the order in which they came."""
    return list(_notes)

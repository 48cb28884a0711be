"""Keeps what one job read from the live server for the later jobs of a rebuild.

Every client of ZenML asks anew who it is, and which project, stack, and components it works with:
ten requests for each snapshot, whose answers are the same.
"""

import contextlib
import functools
import json
import os
import re

# What stays as it is while snapshots are rebuilt.
KEPT = re.compile(
    r"/(info|current-user|(projects|stacks|components|flavors|code_repositories)(/[^/]+)?"
    r"|pipeline_builds/[^/]+)"
)


def keep_answers(path):
    """Answers from the file at `path` what an earlier job asked, and adds what it did not ask."""
    from zenml.zen_stores.rest_zen_store import RestZenStore

    answers = read(path)
    ask = RestZenStore.get

    @functools.wraps(ask)
    def get(self, route, params=None, **options):
        if not KEPT.fullmatch(route):
            return ask(self, route, params=params, **options)
        key = json.dumps([route, params], default=str, sort_keys=True)
        if key not in answers:
            answers[key] = ask(self, route, params=params, **options)
            write(path, {**read(path), **answers})
        return json.loads(json.dumps(answers[key]))

    RestZenStore.get = get
    for method in ("post", "put", "delete"):
        setattr(RestZenStore, method, forgetting(getattr(RestZenStore, method), answers, path))


def forgetting(send, answers, path):
    """Wraps a method that changes something: from then on, what was kept about it is not true."""

    @functools.wraps(send)
    def changed(self, route, *arguments, **options):
        if KEPT.fullmatch(route):
            answers.clear()
            with contextlib.suppress(OSError):
                os.remove(path)
        return send(self, route, *arguments, **options)

    return changed


def read(path):
    """Returns what was kept; nothing when the file is damaged, as code of a user can reach it."""
    try:
        with open(path) as file:
            answers = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(answers, dict):
        return {}
    return {key: answer for key, answer in answers.items() if isinstance(answer, dict)}


def write(path, answers):
    """Keeps the answers, if it can: without them, as on a full disk, the next job asks again."""
    part = f"{path}.{os.getpid()}"
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(answers, file)
        os.rename(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.remove(part)

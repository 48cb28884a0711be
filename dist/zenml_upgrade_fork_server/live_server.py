"""Connects a job to the live ZenML server."""

import contextlib
import hashlib
import os
import shutil

from .errors import JobError
from .kept_answers import keep_answers


def select_stack_and_project(job, directory):
    """Makes the stack and the project of the job active for this process alone.

    ZenML prefers the environment to any `.zen` directory of the source and to the user's own
    choice.
    """
    from zenml.client import Client

    # A run takes long enough for a stack to change, and its code may change it.
    if job["op"] == "create":
        keep_answers(for_later_jobs(directory, "answers", "json"))
    keep_login = reuse_login(directory)
    client = Client()
    try:
        project = client.get_project(job["project"])
    except KeyError as error:
        raise JobError(
            "configure",
            f"The project {job['project']} is not there, or the key cannot see it.",
            "Check `projects`.",
        ) from error
    os.environ["ZENML_ACTIVE_PROJECT_ID"] = str(project.id)
    if keep_login is not None:
        keep_login()
    try:
        stack = client.get_stack(job["stack"], allow_name_prefix_match=False)
    except KeyError as error:
        raise JobError(
            "configure",
            f"The stack {job['stack']} is not there, or the key cannot see it.",
            "Register the stack again, or exclude the snapshot.",
        ) from error
    os.environ["ZENML_ACTIVE_STACK_ID"] = str(stack.id)


def for_later_jobs(directory, what, suffix):
    """The path of a file that all jobs for the same server and key share."""
    connection = f"{os.environ.get('ZENML_STORE_URL')} {os.environ.get('ZENML_STORE_API_KEY')}"
    digest = hashlib.sha256(connection.encode()).hexdigest()
    return os.path.join(os.path.dirname(directory), f"{what}-{digest}.{suffix}")


def reuse_login(directory):
    """Starts with the token of an earlier job for the same server and key, if there is one.

    A server checks an API key with bcrypt, which costs it about as much as all the rest of a
    snapshot. When the token has expired, ZenML asks for a new one. If there is no token yet, this
    returns a function that keeps the token of this job for later jobs.
    """
    if "ZENML_STORE_API_KEY" not in os.environ:
        return None
    kept = for_later_jobs(directory, "login", "yaml")
    own = os.path.join(os.environ["ZENML_CONFIG_PATH"], "credentials.yaml")
    os.makedirs(os.path.dirname(own), exist_ok=True)
    try:
        shutil.copyfile(kept, own)
    except OSError:
        # There is none yet, or it cannot be copied, as on a full disk: this job logs in itself.
        with contextlib.suppress(OSError):
            os.remove(own)
    else:
        # The file also holds the key. If the environment has a key, even the same one, ZenML
        # discards the token.
        del os.environ["ZENML_STORE_API_KEY"]
        return None

    def keep():
        part = f"{kept}.{os.getpid()}"
        try:
            shutil.copyfile(own, part)
            os.rename(part, kept)
        except OSError:
            with contextlib.suppress(OSError):
                os.remove(part)

    return keep

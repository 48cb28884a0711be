"""The result of a job that failed."""

import os
import re
import traceback

from .errors import JobError, current_phase
from .messages import name_and_message, one_line, traceback_tail


def failed(kind, error, remedy=None, traceback="", run_id=None):
    """The result of a failed job, with its keys as the protocol names them."""
    return {
        "ok": False,
        "next": remedy,
        "traceback": traceback,
        "runId": run_id,
        "kind": kind,
        "error": error,
    }


def failed_with(error, job):
    """The result of a job that raised an exception."""
    kind, message, remedy = explain(error, job)
    return failed(kind, message, remedy, traceback_tail(error), getattr(error, "run_id", None))


def explain(error, job):
    """The kind, the message and the remedy of an exception."""
    if isinstance(error, JobError):
        return error.kind, one_line(error), error.remedy
    if isinstance(error, SystemExit):
        return "crash", f"SystemExit: the code called sys.exit({error.code!r})", None
    if job["op"] == "configure" and asked_the_store(error, job["sourceRoot"]):
        return "needs-server", name_and_message(error), None
    return current_phase(), name_and_message(error), known_remedy(error)


def asked_the_store(error, root):
    """Whether the user's code itself asked the store for something.

    When a pipeline is planned, the store is empty.
    """
    user_code = False
    for frame, _ in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file.startswith(root + os.sep):
            user_code = True
        elif user_code and file.endswith(os.path.join("zenml", "client.py")):
            return True
    return False


# What ZenML says of an engine that it cannot use: 0.98.0 in container_engines/factory.py, docker_engine.py and
# podman_engine.py; 0.94.1 in image_builders/local_image_builder.py.
ENGINE_PROBLEM = re.compile(
    r"docker daemon|docker client|container engine|`(?:docker|podman)` is|`podman info` failed",
    re.IGNORECASE,
)


def lacks_container_engine(error):
    """Whether the machine has no container engine that runs.

    Many other messages mention Docker, such as those about `DockerSettings`.
    """
    if type(error).__name__ == "DockerException":
        return True
    return isinstance(error, RuntimeError) and ENGINE_PROBLEM.search(str(error)) is not None


def import_remedy(module):
    """What to do about a module that is not there, or that lacks a name."""
    if module.split(".")[0] == "zenml":
        return (
            f"The new ZenML has changed `{module}`: change the import in the code of the pipeline."
        )
    return "Add the package that has the module to `install.requirements` of the source."


def known_remedy(error):
    """What to do about an exception whose class or message is known."""
    text = f"{name_and_message(error)}".lower()
    if isinstance(error, ImportError):
        return import_remedy(error.name or "")
    if "no space left on device" in text:
        return (
            "Free space where the container engine keeps its images (`docker system df` shows how"
            " much they take), or use a larger machine."
        )
    if lacks_container_engine(error):
        return "Give this machine a running container engine, or the stack a remote image builder."
    if "integration" in text and "not installed" in text:
        return (
            "Add the requirements of the stack's integrations to `install.requirements` of the"
            " source."
        )
    if type(error).__name__ in ("AuthorizationException", "CredentialsNotValid"):
        return (
            "Give the service account the rights to read the project and to create snapshots and"
            " runs in it."
        )
    if type(error).__name__ == "EntityExistsError":
        return "Rebuild with `replace`, or delete what has the name."
    if "arguments which have not been configured" in text or "entrypoint arguments" in text:
        return "Give the pipeline's parameters in the snapshot's `config`."
    return None

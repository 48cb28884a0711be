"""The result of a job that failed."""

import os
import re
import traceback

from .errors import JobError, current_phase
from .messages import name_and_message, one_line, traceback_tail
from .missing_modules import lacking_name_remedy, lacks_name, missing_module_remedy
from .missing_variables import missing_variables, variable_remedy


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
    variables = missing_variables(error)
    if variables:
        return explain_variables(error, variables, job)
    return current_phase(), name_and_message(error), known_remedy(error, job)


def explain_variables(error, names, job):
    """The kind, the message and the remedy where environment variables are not set."""
    listed = ", ".join(f"`{name}`" for name in names)
    message = f"{name_and_message(error)}: not set in the environment: {listed}"
    # Planning leads to no server.
    if job["op"] == "configure" and all(name.startswith("ZENML_STORE_") for name in names):
        return "needs-server", message, None
    return current_phase(), message, variable_remedy(names, job)


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


def known_remedy(error, job):
    """What to do about an exception whose class or message is known."""
    text = f"{name_and_message(error)}".lower()
    if isinstance(error, ModuleNotFoundError) and error.name:
        return missing_module_remedy(error.name, job)
    if lacks_name(error, job["sourceRoot"]):
        return lacking_name_remedy(error.name, job)
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

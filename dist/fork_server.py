"""Imports ZenML once and runs each job in a forked child.

Started as `python fork_server.py PARALLEL WORK_DIRECTORY`. Reads one job per line (JSON) from standard input and writes
one event per line to standard output: `ready`, `started`, `done`. Standard input at its end means: end every job and go.
Standard library and ZenML only; ZenML 0.90 to 0.98 and Python 3.10 to 3.14.

A child has its own session, its own ZenML configuration directory and a copy of this process' memory, so nothing of one
pipeline's modules, environment or store can be seen by the next. This process itself never opens a store.
"""

import contextlib
import errno
import fcntl
import hashlib
import importlib
import inspect
import json
import os
import platform
import re
import select
import shutil
import signal
import sqlite3
import sys
import time
import traceback
import uuid
from collections import deque

COMPONENT_PACKAGES = (
    "alerter annotators artifact_stores container_registries data_validators deployers experiment_trackers feature_stores "
    "image_builders log_stores model_deployers model_registries orchestrators sandboxes step_operators steps.decorated_step"
).split()
READ_SIZE = 1 << 16
ERROR_LENGTH = 1000
TRACEBACK_LENGTH = 6000
# How long a child may take to go after SIGTERM, in seconds.
GRACE = 5.0
# ZenML ignores a schedule where a snapshot is made, and would make one where a pipeline is run.
LEFT_OUT_KEYS = {"schedule"}
SECRETS_NOT_CHECKED = "Secrets that the pipeline names: planning does not ask the server for them."


class JobError(Exception):
    """A failure whose place and remedy are known."""

    def __init__(self, kind, message, following=None):
        super().__init__(message)
        self.kind = kind
        self.following = following


# --------------------------------------------------------------------------------------------------------------- jobs


def read_configuration(job):
    """The file of `configPath` with `configuration` laid over it, checked for keys that ZenML would silently ignore."""
    import yaml
    from zenml.config.pipeline_run_configuration import (
        PipelineRunConfiguration,
    )

    merged = {}
    if job["configPath"] is not None:
        path = os.path.join(job["sourceRoot"], job["configPath"])
        try:
            with open(path, encoding="utf-8") as file:
                merged = yaml.safe_load(file) or {}
        except OSError as error:
            raise JobError(
                "configure",
                f"The configuration file {path} cannot be read: {error.strerror}",
                "Correct the path in `snapshots[].config`; it is relative to the source's `path`.",
            ) from error
        except yaml.YAMLError as error:
            raise JobError(
                "configure",
                f"The configuration file {path} is not YAML: {one_line(error)}",
                "Correct the file.",
            ) from error
        if not isinstance(merged, dict):
            raise JobError(
                "configure", f"The configuration file {path} is not a mapping.", "Correct the file."
            )
    merged = lay_over(merged, job["configuration"] or {})
    known = set(PipelineRunConfiguration.model_fields)
    unknown = sorted(set(map(str, merged)) - known)
    if unknown:
        raise JobError(
            "configure",
            f"The configuration has keys that this ZenML does not know and would ignore: {', '.join(unknown)}",
            f"Remove or correct them; known are {', '.join(sorted(known))}.",
        )
    for key in LEFT_OUT_KEYS & set(merged):
        print(f"`{key}` of the configuration is left out.")
        del merged[key]
    return merged


def lay_over(below, above):
    """Mappings are merged key by key; anything else of `above` replaces what is below."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = lay_over(merged[key], value) if both else value
    return merged


def import_pipeline(job):
    """The pipeline object, with its code imported from the source root and from nowhere else."""
    from zenml.pipelines.pipeline_definition import Pipeline
    from zenml.utils import source_utils

    source = job["pipelineSource"]
    module_name, _, attribute = source.rpartition(".")
    if not module_name:
        raise JobError("import", f"`{source}` is not of the form module.attribute.")
    # A module that calls its pipeline without a __main__ guard must not run it here.
    with nothing_runs():
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if module_name == missing or module_name.startswith(missing + "."):
                raise JobError(
                    "import",
                    f"ModuleNotFoundError: there is no module `{missing}` under {job['sourceRoot']}",
                    "Check the source's `path` and `ref`: the module must be importable from there.",
                ) from error
            raise JobError(
                "import",
                f"{name_and_message(error)}, imported by `{module_name}`",
                f"Add what provides `{missing}` to `install.requirements` of the source, or to its `path`.",
            ) from error
    try:
        pipeline = getattr(module, attribute)
    except AttributeError as error:
        raise JobError(
            "import",
            f"AttributeError: the module `{module_name}` has no `{attribute}`",
            "Name the pipeline function as it is called in the code.",
        ) from error
    if not isinstance(pipeline, Pipeline):
        raise JobError(
            "import",
            f"`{source}` is a {type(pipeline).__name__} and not a ZenML pipeline",
            "Name a function decorated with @pipeline.",
        )
    source_utils.set_custom_source_root(job["sourceRoot"])
    return pipeline


@contextlib.contextmanager
def nothing_runs():
    """Makes calls of pipelines and steps do nothing, with ZenML's own switch."""
    try:
        from zenml.execution.pipeline.utils import prevent_pipeline_execution
    except ImportError:  # 0.90
        from zenml import constants

        constants.SHOULD_PREVENT_PIPELINE_EXECUTION = True
        yield
        constants.SHOULD_PREVENT_PIPELINE_EXECUTION = False
    else:
        with prevent_pipeline_execution():
            yield


def configured_pipeline(job, directory, configuration, code_decides):
    """The pipeline with the configuration applied, prepared, and checked for steps that ZenML would silently ignore.

    Of a recorded configuration the paths go into `code_decides` about which the code itself now says something else.
    """
    import yaml

    path = os.path.join(directory, "run-configuration.yaml")

    def write_configuration():
        with open(path, "w", encoding="utf-8") as file:
            # Not JSON: PyYAML reads JSON's 1e-05 as a text.
            yaml.safe_dump(lay_over(configuration, job.get("overrides") or {}), file)

    pipeline = import_pipeline(job)
    with phase("configure"):
        if job.get("fromRecord"):
            fit_pipeline_to_code(pipeline, configuration, code_decides)
        write_configuration()
        pipeline = pipeline.with_options(config_path=path)
        pipeline._prepare_if_possible()
        if job.get("fromRecord"):
            fit_steps_to_code(pipeline, configuration, code_decides)
            # Read again when it is compiled, which is when the configuration of the steps is applied.
            write_configuration()
        if not getattr(pipeline, "is_dynamic", False):
            configured = {
                **(configuration.get("steps") or {}),
                **((job.get("overrides") or {}).get("steps") or {}),
            }
            unknown = sorted(set(configured) - set(pipeline.invocations))
            if unknown:
                raise JobError(
                    "configure",
                    f"The configuration is for steps that the pipeline does not have: {', '.join(unknown)}",
                    f"Correct the configuration; the pipeline has {', '.join(pipeline.invocations)}.",
                )
    return pipeline


SWITCHES = (
    "enable_cache",
    "enable_artifact_metadata",
    "enable_artifact_visualization",
    "enable_step_logs",
)


# A record does not tell what was configured from what the code passed or had as a default. ZenML refuses a configured value for what
# the code passes with another value, so there the code wins.


def fit_pipeline_to_code(pipeline, configuration, code_decides):
    """Takes parameters out of a recorded configuration that the pipeline no longer has, and spells settings as its code does."""
    parameters = inspect.signature(pipeline.entrypoint).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    recorded = configuration.get("parameters") or {}
    for name in [] if takes_any else set(recorded) - set(parameters):
        del recorded[name]
        code_decides.append(f"parameters.{name}")
    spell_settings(configuration.get("settings"), pipeline.configuration.settings)
    # ZenML appends tags, so the code's own would be there once more with every rebuild; and a switch of the configuration is set on
    # every step, one of the code is not.
    of_code = as_recorded(pipeline.configuration.tags) or []
    tags = [tag for tag in configuration.pop("tags", []) if tag not in of_code]
    if tags:
        configuration["tags"] = tags
    for switch in SWITCHES:
        if switch in configuration and configuration[switch] == getattr(
            pipeline.configuration, switch, None
        ):
            del configuration[switch]


def fit_steps_to_code(pipeline, configuration, code_decides):
    """Takes steps out of a recorded configuration that the pipeline no longer has, and parameters that its code passes or no longer has."""
    steps = configuration.get("steps") or {}
    for step_name in list(steps):
        invocation = pipeline.invocations.get(step_name)
        if invocation is None:
            if not getattr(pipeline, "is_dynamic", False):
                del steps[step_name]
                code_decides.append(f"steps.{step_name}")
            continue
        spell_settings(steps[step_name].get("settings"), invocation.step.configuration.settings)
        artifacts = {
            *invocation.input_artifacts,
            *invocation.external_artifacts,
            *invocation.model_artifacts_or_metadata,
            *invocation.client_lazy_loaders,
        }
        recorded = steps[step_name].get("parameters") or {}
        for name in list(recorded):
            if name in invocation.parameters:
                if as_recorded(invocation.parameters[name]) != recorded.pop(name):
                    code_decides.append(f"steps.{step_name}.parameters.{name}")
            elif name in artifacts or name not in invocation.step.entrypoint_definition.inputs:
                del recorded[name]
                code_decides.append(f"steps.{step_name}.parameters.{name}")


def spell_settings(recorded, of_code):
    """Settings of a component may be written as `orchestrator`, `orchestrator.flavor` or `orchestrator:name`; ZenML refuses two spellings at once."""
    for key in list(recorded or {}):
        same = [
            other for other in of_code if re.split("[.:]", other)[0] == re.split("[.:]", key)[0]
        ]
        if len(same) == 1 and same[0] != key:
            recorded[same[0]] = recorded.pop(key)


def as_recorded(value):
    """A value the way a server records it."""
    from zenml.utils.json_utils import pydantic_encoder

    return json.loads(json.dumps(value, default=pydantic_encoder))


def configure(job, directory):
    """Compiles the pipeline on a copy of the stack in a throw-away store."""
    not_checked, code_decides = [], []
    configuration = read_configuration(job)
    with phase("configure"):
        open_scratch_store(directory)
        register_stack(job, not_checked)
        leave_out_secrets(not_checked)
    pipeline = configured_pipeline(job, directory, configuration, code_decides)
    with phase("configure"):
        snapshot = pipeline._compile(**pipeline._run_args)[0]
    return {
        "pipeline": pipeline.name,
        "steps": list(snapshot.step_configurations),
        "parameters": snapshot.pipeline_configuration.parameters or {},
        "pythonVersion": ".".join(platform.python_version_tuple()[:2]),
        "clientVersion": zenml_version(),
        "notChecked": not_checked,
        "codeDecides": code_decides,
    }


def create(job, directory):
    """Makes the named snapshot on the live server."""
    code_decides = []
    configuration = read_configuration(job)
    with phase("create"):
        select_stack_and_project(job, directory)
    pipeline = configured_pipeline(job, directory, configuration, code_decides)
    with phase("create"):
        snapshot = pipeline.create_snapshot(
            name=job["name"],
            description=job.get("description"),
            replace=job.get("replace"),
            tags=job.get("tags"),
        )
        build = snapshot.build
        return {
            "snapshotId": str(snapshot.id),
            "pipeline": pipeline.name,
            "runnable": bool(snapshot.runnable),
            "build": build
            and {
                "id": str(build.id),
                "zenmlVersion": build.zenml_version,
                "pythonVersion": build.python_version,
            },
            "clientVersion": zenml_version(),
            "pythonVersion": ".".join(platform.python_version_tuple()[:2]),
            "codeDecides": code_decides,
        }


def run(job, directory):
    """Runs the pipeline from source without its cache, and waits as long as its orchestrator does."""
    from zenml.client import Client

    configuration = read_configuration(job)
    configuration["enable_cache"] = False
    for step in (configuration.get("steps") or {}).values():
        if isinstance(step, dict):
            step["enable_cache"] = False
    # A name of its own is how the run is found again when the call does not come back with it.
    run_name = job.get("runName") or f"zenml-upgrade-{uuid.uuid4().hex}"
    configuration["run_name"] = run_name
    with phase("run"):
        select_stack_and_project(job, directory)
    pipeline = configured_pipeline(job, directory, configuration, [])
    with phase("run"):
        failure = None
        try:
            pipeline()
        except Exception as error:
            failure = error
        runs = Client().list_pipeline_runs(name=run_name, size=1).items
        if failure is not None:
            failure.run_id = str(runs[0].id) if runs else None
            raise failure
        if not runs:
            raise JobError("run", f"The pipeline came back without a run of the name {run_name}.")
        return {
            "runId": str(runs[0].id),
            "pipeline": pipeline.name,
            "status": runs[0].status.value,
            "clientVersion": zenml_version(),
        }


OPERATIONS = {"configure": configure, "create": create, "run": run}


# ------------------------------------------------------------------------------------------------------- live server


def select_stack_and_project(job, directory):
    """Makes both active for this process alone. The environment wins over any `.zen` of the source and over the user's own."""
    from zenml.client import Client

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


def reuse_login(directory):
    """Begins with the token of an earlier job for the same server and key. ZenML asks for a new one when it has run out.

    A server checks an API key with bcrypt, which costs it about as much as all the rest of a snapshot.
    """
    if "ZENML_STORE_API_KEY" not in os.environ:
        return None
    connection = f"{os.environ.get('ZENML_STORE_URL')} {os.environ.get('ZENML_STORE_API_KEY')}"
    kept = os.path.join(
        os.path.dirname(directory), f"login-{hashlib.sha256(connection.encode()).hexdigest()}.yaml"
    )
    own = os.path.join(os.environ["ZENML_CONFIG_PATH"], "credentials.yaml")
    os.makedirs(os.path.dirname(own), exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(kept, own)
        # The key is in there too. ZenML throws a token away when the environment has a key, even the same one.
        del os.environ["ZENML_STORE_API_KEY"]
        return None

    def keep():
        part = f"{kept}.{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(own, part)
            os.rename(part, kept)

    return keep


# ----------------------------------------------------------------------------------------------------- scratch store


def open_scratch_store(directory):
    """A local store for this process. Making one costs seconds, so the first is kept and the others are copies of it."""
    from zenml.client import Client

    template = os.path.join(os.path.dirname(directory), "template.db")
    database = os.path.join(directory, "zenml.db")
    os.environ["ZENML_STORE_URL"] = f"sqlite:///{database}"
    with open(template + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(template):
            Client().zen_store  # noqa: B018 - the first access makes and migrates it
            with contextlib.closing(sqlite3.connect(database)) as source:
                with contextlib.closing(sqlite3.connect(template + ".part")) as target:
                    source.backup(target)
            os.rename(template + ".part", template)
            return
    shutil.copyfile(template, database)


def register_stack(job, not_checked):
    """Registers a copy of the stack and makes it active for this process."""
    from zenml.client import Client
    from zenml.enums import StackComponentType
    from zenml.models import ComponentRequest, StackRequest

    client = Client()
    definition = job["stackDefinition"]
    if placeholder_secrets(client, definition):
        not_checked.append("Secrets that the stack refers to: planning used placeholders.")
    components = {}
    for component in definition["components"]:
        title = f"{component['type']} `{component['name']}` of flavor `{component['flavor']}`"
        component_type = StackComponentType(component["type"])
        fields = flavor_fields(client, component, component_type)
        if fields is None:
            not_checked.append(
                f"The {title}: its flavor is custom and its code is not in this source."
            )
            continue
        unknown = sorted(set(component["configuration"]) - fields)
        if unknown:
            not_checked.append(
                f"The {title}: this ZenML does not know its keys {', '.join(unknown)}."
            )
        made = client.zen_store.create_stack_component(
            ComponentRequest(
                # The name of the default stack's components is taken in every store. Any other stays: settings and steps may name it.
                name="copy of default" if component["name"] == "default" else component["name"],
                type=component_type,
                flavor=component["flavor"],
                configuration={k: v for k, v in component["configuration"].items() if k in fields},
            )
        )
        components.setdefault(component_type, []).append(made.id)
    for needed in (StackComponentType.ORCHESTRATOR, StackComponentType.ARTIFACT_STORE):
        if needed not in components:
            components[needed] = [client.active_stack_model.components[needed][0].id]
    stack = client.zen_store.create_stack(
        StackRequest(name=f"copy of {definition['name']}", components=components)
    )
    os.environ["ZENML_ACTIVE_STACK_ID"] = str(stack.id)
    try:
        client.active_stack  # noqa: B018 - imports the implementation of every component
    except ImportError as error:
        # ZenML's own remedy follows after an empty line; ours is to let the integration be installed.
        raise JobError(
            "configure",
            f"{type(error).__name__}: {one_line(str(error).split(chr(10) * 2)[0])} (stack {definition['name']})",
            "Add the requirements of the stack's integrations to `install.requirements` of the source.",
        ) from error


def flavor_fields(client, component, component_type):
    """Names of the configuration keys of a component's flavor; None when the flavor is custom and cannot be imported."""
    from zenml.stack import Flavor

    try:
        flavor = client.get_flavor_by_name_and_type(component["flavor"], component_type)
    except KeyError:
        if component.get("flavorSource") is None:
            return None
        try:
            flavor = client.create_flavor(component["flavorSource"], component_type)
        except Exception as error:
            print(
                f"The flavor {component['flavorSource']} cannot be used: {name_and_message(error)}"
            )
            return None
    return set(Flavor.from_model(flavor).config_class.model_fields)


def placeholder_secrets(client, definition):
    """Makes the secrets that components refer to as {{name.key}}, so that reading such a value does not fail. Returns their names."""
    keys = {}
    for component in definition["components"]:
        for value in component["configuration"].values():
            reference = (
                re.fullmatch(r"\{\{\s*([^.\s]+)\.([^}\s]+)\s*\}\}", value)
                if isinstance(value, str)
                else None
            )
            if reference is not None:
                keys.setdefault(reference[1], {})[reference[2]] = "placeholder"
    for name, values in keys.items():
        client.create_secret(name, values)
    return sorted(keys)


def leave_out_secrets(not_checked):
    """Names of secrets are resolved on the server while a pipeline is compiled; the scratch store has none of them."""
    from zenml.utils import secret_utils

    def noted(secrets):
        if secrets and SECRETS_NOT_CHECKED not in not_checked:
            not_checked.append(SECRETS_NOT_CHECKED)
        return []

    if hasattr(secret_utils, "resolve_and_verify_secrets"):
        secret_utils.resolve_and_verify_secrets = noted


# -------------------------------------------------------------------------------------------------------- the child


current_phase = "import"


@contextlib.contextmanager
def phase(name):
    """What a failure inside is a failure of."""
    global current_phase
    before, current_phase = current_phase, name
    yield
    current_phase = before  # not in a `finally`: a failure keeps the phase it happened in


def child(job, directory, result_fd):
    """Does one job, writes its result and ends the process. Never returns."""
    own = os.getpid()
    result = {
        "ok": False,
        "kind": "crash",
        "error": "The job did not begin.",
        "next": None,
        "traceback": "",
        "runId": None,
    }
    try:
        isolate(job, directory)
        result = {"ok": True, "value": OPERATIONS[job["op"]](job, directory)}
    except BaseException as error:  # also SystemExit and KeyboardInterrupt of the user's code
        result = failure(error, job)
    finally:
        if os.getpid() != own:
            os._exit(0)  # a copy that the user's code forked ran into our code
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        write_all(result_fd, (json.dumps(result, default=str) + "\n").encode())
        # Neither threads nor exit handlers of the user's code get a say in how this ends.
        os._exit(0)


def isolate(job, directory):
    """Gives the child its own log, environment and import path."""
    os.makedirs(os.path.dirname(job["logPath"]), exist_ok=True)
    log = os.open(job["logPath"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    root = job["sourceRoot"]
    if not os.path.isdir(root):
        raise JobError(
            "import", f"The source root {root} is not a directory.", "Correct the source's `path`."
        )
    os.environ.update(job["env"])
    os.environ["ZENML_CONFIG_PATH"] = os.path.join(directory, "config")
    # A directory without `.zen`: the user's own says which stack and project are active on his machine, and would be rewritten.
    os.environ["ZENML_REPOSITORY_PATH"] = directory
    os.chdir(root)
    sys.path.insert(0, root)
    sys.argv = [job["pipelineSource"]]
    # Byte code of what is imported from now on is shared by all children and stays out of the user's tree.
    sys.pycache_prefix = os.path.join(sys.prefix, "pycache")
    importlib.invalidate_caches()
    forget_stores()
    from zenml.utils import source_utils

    source_utils.set_custom_source_root(root)


def forget_stores():
    """No store may have been opened before the fork; if a later ZenML does so while it is imported, it is dropped here."""
    from zenml.client import Client
    from zenml.config.global_config import GlobalConfiguration

    GlobalConfiguration._reset_instance()
    Client._reset_instance()


def failure(error, job):
    """The result of a job that raised."""
    result = {
        "ok": False,
        "next": None,
        "traceback": traceback_tail(error),
        "runId": getattr(error, "run_id", None),
    }
    if isinstance(error, JobError):
        return {**result, "kind": error.kind, "error": one_line(error), "next": error.following}
    if isinstance(error, SystemExit):
        return {
            **result,
            "kind": "crash",
            "error": f"SystemExit: the code called sys.exit({error.code!r})",
        }
    if job["op"] == "configure" and asked_the_store(error, job["sourceRoot"]):
        return {**result, "kind": "needs-server", "error": name_and_message(error)}
    return {
        **result,
        "kind": current_phase,
        "error": name_and_message(error),
        "next": remedy(error),
    }


def asked_the_store(error, root):
    """Whether the user's code itself asked the store for something, which in planning is an empty one."""
    user_code = False
    for frame, _ in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file.startswith(root + os.sep):
            user_code = True
        elif user_code and file.endswith(os.path.join("zenml", "client.py")):
            return True
    return False


def remedy(error):
    """What to do about a failure whose class or words are known."""
    text = f"{name_and_message(error)}".lower()
    if "docker" in text or "container engine" in text or "podman" in text:
        return "Give this machine a running container engine, or the stack a remote image builder."
    if "integration" in text and "not installed" in text:
        return "Add the requirements of the stack's integrations to `install.requirements` of the source."
    if type(error).__name__ in ("AuthorizationException", "CredentialsNotValid"):
        return "Give the service account the rights to read the project and to create snapshots and runs in it."
    if type(error).__name__ == "EntityExistsError":
        return "Rebuild with `replace`, or delete what has the name."
    if "arguments which have not been configured" in text or "entrypoint arguments" in text:
        return "Give the pipeline's parameters in the snapshot's `config`."
    return None


def name_and_message(error):
    cause = error.__cause__
    # ZenML points at "the pydantic error above"; alone that sentence helps nobody.
    detail = f" ({validation_problems(cause)})" if type(cause).__name__ == "ValidationError" else ""
    message = (
        validation_problems(error) if type(error).__name__ == "ValidationError" else one_line(error)
    )
    return f"{type(error).__name__}: {message}{detail}"[:ERROR_LENGTH]


def validation_problems(error):
    """pydantic's problems without the values, which may be secrets, and without its links."""
    try:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems
        )
    except (AttributeError, TypeError, KeyError):
        return one_line(error)


def one_line(text):
    return " ".join(str(text).split())[:ERROR_LENGTH]


def traceback_tail(error):
    text = "".join(traceback.format_exception(error))
    # pydantic repeats the value that it refuses, which may be a secret.
    return re.sub(r"input_value=.*?, input_type=", "input_type=", text)[-TRACEBACK_LENGTH:]


def zenml_version():
    import zenml

    return zenml.__version__


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data) :]


# ------------------------------------------------------------------------------------------------------- the server


class Child:
    """A job under way."""

    def __init__(self, number, job, pid, result_fd, directory):
        self.number = number
        self.op = job["op"]
        self.pid = pid
        self.result_fd = result_fd
        self.directory = directory
        self.started = time.monotonic()
        self.deadline = self.started + job["timeoutSeconds"]
        self.timeout = job["timeoutSeconds"]
        self.terminated = None  # when SIGTERM was sent
        self.output = b""

    def drain(self):
        """Reads what is there. Returns False at the end of the pipe."""
        while True:
            try:
                data = os.read(self.result_fd, READ_SIZE)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.output += data

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def result(self, status):
        if self.output.endswith(b"\n"):
            return json.loads(self.output)
        empty = {"ok": False, "next": None, "traceback": "", "runId": None}
        if self.terminated is not None:
            return {
                **empty,
                "kind": "timeout",
                "error": f"The {self.op} job did not end within {self.timeout:g} s and was ended.",
            }
        if os.WIFSIGNALED(status):
            how = f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
        else:
            how = f"ended with exit code {os.WEXITSTATUS(status)}"
        return {
            **empty,
            "kind": "crash",
            "error": f"The process of the job {how} before it had a result.",
        }


class Server:
    def __init__(self, parallel, work, events):
        self.parallel = parallel
        self.work = work
        self.events = events
        self.waiting = deque()
        self.children = {}
        self.input = b""
        self.open = True
        # A child's end wakes the loop through this pipe.
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, *_):
        self.open = False

    def emit(self, event):
        write_all(self.events, (json.dumps(event) + "\n").encode())

    def serve(self):
        try:
            while self.open:
                self.start_waiting()
                self.wait()
                self.end_overdue()
                self.reap()
        finally:
            for job in self.children.values():
                job.signal(signal.SIGTERM)
            end = time.monotonic() + GRACE
            while self.children and time.monotonic() < end:
                time.sleep(0.05)
                self.reap(silent=True)
            for job in self.children.values():
                job.signal(signal.SIGKILL)

    def wait(self):
        now = time.monotonic()
        alarms = [
            (job.deadline if job.terminated is None else job.terminated + GRACE) - now
            for job in self.children.values()
        ]
        files = [0, self.wake_read, *(job.result_fd for job in self.children.values())]
        readable, _, _ = select.select(files, [], [], max(0.0, min(alarms, default=60.0)))
        if self.wake_read in readable:
            with contextlib.suppress(BlockingIOError):
                while os.read(self.wake_read, READ_SIZE):
                    pass
        for job in self.children.values():
            if job.result_fd in readable and not job.drain():
                # At its end the pipe would be readable for ever; the child itself ends at once.
                time.sleep(0.01)
        if 0 in readable:
            self.read_jobs()

    def read_jobs(self):
        data = os.read(0, READ_SIZE)
        if not data:
            self.open = False
            return
        *lines, self.input = (self.input + data).split(b"\n")
        self.waiting.extend(json.loads(line) for line in lines)

    def start_waiting(self):
        while self.waiting and len(self.children) < self.parallel:
            line = self.waiting.popleft()
            self.start(line["id"], line["job"])

    def start(self, number, job):
        if job["op"] == "configure":
            warm_local_store()
        directory = os.path.join(self.work, f"job-{number}")
        os.mkdir(directory, 0o700)
        read_fd, write_fd = os.pipe()
        os.set_blocking(read_fd, False)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self.become_child(read_fd)
            child(job, directory, write_fd)
        os.close(write_fd)
        self.children[pid] = Child(number, job, pid, read_fd, directory)
        self.emit({"event": "started", "id": number, "pid": pid})

    def become_child(self, read_fd):
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        for fd in (
            read_fd,
            self.wake_read,
            self.wake_write,
            self.events,
            *(job.result_fd for job in self.children.values()),
        ):
            os.close(fd)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def end_overdue(self):
        now = time.monotonic()
        for job in self.children.values():
            if job.terminated is None and now >= job.deadline:
                job.terminated = now
                job.signal(signal.SIGTERM)
            elif job.terminated is not None and now >= job.terminated + GRACE:
                job.signal(signal.SIGKILL)

    def reap(self, silent=False):
        for pid in list(self.children):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except OSError as error:
                if error.errno != errno.ECHILD:
                    raise
                ended, status = pid, 0
            if ended == 0:
                continue
            job = self.children.pop(pid)
            job.drain()
            os.close(job.result_fd)
            job.signal(signal.SIGKILL)  # what the user's code left running in the background
            shutil.rmtree(job.directory, ignore_errors=True)
            if not silent:
                seconds = round(time.monotonic() - job.started, 3)
                self.emit(
                    {
                        "event": "done",
                        "id": job.number,
                        "seconds": seconds,
                        "result": job.result(status),
                    }
                )


def warm():
    """Imports what every job needs. Opens no store and starts no thread."""
    import zenml.client
    import zenml.config.compiler
    import zenml.integrations.registry
    import zenml.models
    import zenml.pipelines.build_utils
    import zenml.pipelines.pipeline_definition
    import zenml.stack.utils
    import zenml.zen_stores.rest_zen_store  # noqa: F401

    # Each run and snapshot asks every integration whether it is installed; their modules hold only their requirements.
    zenml.integrations.registry.integration_registry.list_integration_names  # noqa: B018
    # Every stack imports the base classes of all its possible components.
    for package in (*COMPONENT_PACKAGES, "execution.pipeline.utils"):
        with contextlib.suppress(ImportError):  # not every ZenML has every one
            importlib.import_module(f"zenml.{package}")


def warm_local_store():
    """What a store of its own needs beyond that; together two of the three seconds that a `configure` job would take."""
    import sqlalchemy.orm

    importlib.import_module("zenml.zen_stores.sql_zen_store")
    sqlalchemy.orm.configure_mappers()


def main():
    parallel, work = int(sys.argv[1]), sys.argv[2]
    # Standard output is for events alone; whatever else prints, here or in ZenML, goes to standard error.
    events = os.dup(1)
    os.dup2(2, 1)
    if sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]  # nothing to import from there, and it is `dist` of a repository
    os.environ["ZENML_CONFIG_PATH"] = os.path.join(work, "server")
    started = time.monotonic()
    warm()
    server = Server(parallel, work, events)
    server.emit(
        {
            "event": "ready",
            "zenmlVersion": zenml_version(),
            "pythonVersion": ".".join(platform.python_version_tuple()[:2]),
            "importSeconds": round(time.monotonic() - started, 3),
        }
    )
    server.serve()
    sys.stderr.flush()
    os._exit(0)  # taking thousands of modules apart costs seconds


if __name__ == "__main__":
    main()

"""What a job can do: `configure`, `create`, `deploy`, `run` and `check-builds`."""

import inspect
import os
import uuid

from .build_checks import check_builds
from .configuration import read_configuration
from .deployment import deploy
from .errors import JobError, phase
from .live_server import select_stack_and_project
from .notes import noted
from .pipeline_configuration import configured_pipeline
from .pipeline_import import import_pipeline
from .planned_build import builds_image, planned_build
from .records import in_this_shape, record_of, record_of_code
from .scratch_store import leave_out_secrets, open_scratch_store
from .stack_copy import register_stack
from .versions import python_version, zenml_version
from .watched_builds import watch_builds


def configure(job, directory):
    """Compiles the pipeline on a copy of the stack in a scratch store."""
    not_checked = []
    configuration = read_configuration(job)
    with phase("configure"):
        open_scratch_store(directory)
        is_stack_complete = register_stack(job, not_checked)
        leave_out_secrets(not_checked)
    pipeline = configured_pipeline(job, directory, configuration)
    with phase("configure"):
        snapshot, _, build = pipeline._compile(**pipeline._run_args)
        recorded = job.get("recorded")
        return {
            "pipeline": pipeline.name,
            "file": file_of(pipeline, job["sourceRoot"]),
            "steps": list(snapshot.step_configurations),
            "parameters": snapshot.pipeline_configuration.parameters or {},
            "records": recorded
            and {
                "recorded": in_this_shape(recorded),
                "compiled": record_of(snapshot),
                "ofCode": record_of_code(import_pipeline(job), recorded),
            },
            "buildsImage": builds_image(snapshot, build),
            "plannedBuild": planned_build(snapshot, build),
            "isStackComplete": is_stack_complete,
            "pythonVersion": python_version(),
            "clientVersion": zenml_version(),
            "notChecked": not_checked,
            "notes": noted(),
        }


def file_of(pipeline, root):
    """The file of the pipeline's code, relative to the source root."""
    return os.path.relpath(inspect.getfile(inspect.unwrap(pipeline.entrypoint)), root)


def create(job, directory):
    """Creates the named snapshot on the live server."""
    configuration = read_configuration(job)
    with phase("create"):
        select_stack_and_project(job, directory)
    pipeline = configured_pipeline(job, directory, configuration)
    watch = watch_builds(directory)
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
                "imagesBuilt": watch.images_built,
                "isReused": watch.is_reused,
            },
            "clientVersion": zenml_version(),
            "pythonVersion": python_version(),
        }


def run(job, directory):
    """Runs the pipeline from source without its cache.

    Waits as long as the orchestrator of the stack does.
    """
    configuration = read_configuration(job)
    disable_cache(configuration)
    # The run gets its own name, which finds the run when the call does not return it.
    run_name = job.get("runName") or f"zenml-upgrade-{uuid.uuid4().hex}"
    configuration["run_name"] = run_name
    with phase("run"):
        select_stack_and_project(job, directory)
    pipeline = configured_pipeline(job, directory, configuration)
    watch_builds(directory)
    with phase("run"):
        found = run_and_find(pipeline, run_name)
        return {
            "runId": str(found.id),
            "pipeline": pipeline.name,
            "status": found.status.value,
            "clientVersion": zenml_version(),
        }


def disable_cache(configuration):
    configuration["enable_cache"] = False
    for step in (configuration.get("steps") or {}).values():
        if isinstance(step, dict):
            step["enable_cache"] = False


def run_and_find(pipeline, run_name):
    """Runs the pipeline and returns its run. An exception of the pipeline carries the run's ID."""
    from zenml.client import Client

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
    return runs[0]


OPERATIONS = {
    "configure": configure,
    "create": create,
    "deploy": deploy,
    "run": run,
    "check-builds": check_builds,
}

"""Does with a ZenML client what users do by hand: runs pipelines, makes named snapshots, deploys. For seeding servers in tests.

Standard input: a JSON list of jobs. Working directory: the source root of the pipelines. Connected by ZENML_STORE_URL and
ZENML_STORE_API_KEY. Standard output: one JSON line, the list of results in the same order; a failing job ends everything.

  {"op": "run" | "snapshot" | "deploy", "source": "churn.training.training", "stack": "remote", "config": {run configuration},
   "name": "for a snapshot", "description", "tags", "replace",
   "deployment": "what serves the pipeline; with a snapshot optional"}
"""

import importlib
import json
import os
import sys
import tempfile

# Pipelines and ZenML print as they like, and loggers keep the stream they found at import: the answer gets a way of its own.
ANSWER = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ.update(
    ZENML_ANALYTICS_OPT_IN="false",
    ZENML_LOGGING_COLORS_DISABLED="true",
    ZENML_ENABLE_RICH_TRACEBACK="false",
)
sys.path.insert(0, os.getcwd())

from zenml import __version__  # noqa: E402
from zenml.client import Client  # noqa: E402
from zenml.utils import source_utils  # noqa: E402

# Without this ZenML takes the folder of the main script, which is this one, and uploads that as the pipelines' code.
source_utils.set_custom_source_root(os.getcwd())


def do(job):
    module, attribute = job["source"].rsplit(".", 1)
    pipeline = getattr(importlib.import_module(module), attribute)
    # The stack in an environment variable holds for this process only; activating it would write into a `.zen` folder.
    os.environ["ZENML_ACTIVE_STACK_ID"] = str(Client().get_stack(job["stack"]).id)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(job.get("config") or {}, file)  # JSON is YAML
        file.flush()
        configured = pipeline.with_options(config_path=file.name)
        if job["op"] == "run":
            run = configured()
            return {
                "id": str(run.id),
                "name": run.name,
                "status": str(Client().get_pipeline_run(run.id).status),
            }
        if job["op"] == "deploy":
            made = configured.deploy(job["deployment"])
            return {"id": str(made.id), "name": made.name, "status": str(made.status)}
        snapshot = configured.create_snapshot(
            name=job["name"],
            description=job.get("description"),
            tags=job.get("tags"),
            replace=job.get("replace"),
        )
    if job.get("deployment"):
        Client().provision_deployment(job["deployment"], snapshot_id=snapshot.id)
    build = snapshot.build
    return {
        "id": str(snapshot.id),
        "name": snapshot.name,
        "runnable": snapshot.runnable,
        "build": None if build is None else str(build.id),
        "client-version": __version__,
    }


def main():
    results = [do(job) for job in json.load(sys.stdin)]
    with ANSWER:
        json.dump(results, ANSWER)


if __name__ == "__main__":
    main()

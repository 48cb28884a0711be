"""Starts the fork server without ZenML, which takes seconds to import.

Processes, pipes, signals and events are the fork server's own. A job only imports the module of its
`pipelineSource` and has a fixed value as its result.

`fork_server_without_zenml.py PARALLEL WORK_DIRECTORY`, with FORK_SERVER_PACKAGE in the environment.
"""

import importlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.environ["FORK_SERVER_PACKAGE"]))

from zenml_upgrade_fork_server import jobs, server  # noqa: E402

VALUE = {
    "pipeline": "p",
    "file": "a.py",
    "steps": [],
    "parameters": {},
    "records": None,
    "buildsImage": False,
    "plannedBuild": None,
    "isStackComplete": True,
    "pythonVersion": "3.11",
    "clientVersion": "0",
    "notChecked": [],
    "notes": [],
}


def enter_source(job, directory):
    os.environ.update(job["env"])
    os.chdir(job["sourceRoot"])
    sys.path.insert(0, job["sourceRoot"])


def import_only(job, directory):
    module, _, attribute = job["pipelineSource"].rpartition(".")
    return {**VALUE, "parameters": {attribute: getattr(importlib.import_module(module), attribute)}}


jobs.enter_source = enter_source
jobs.OPERATIONS = {"configure": import_only, "run": import_only}
server.import_zenml = server.import_local_store = lambda: None
server.zenml_version = lambda: "0"

if __name__ == "__main__":
    server.main()

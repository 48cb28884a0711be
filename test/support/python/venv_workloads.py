"""A workload manager for a ZenML server without Docker and Kubernetes: the "image" of a snapshot is a Python environment.

The server passes the version of the snapshot's build as ZENML_VERSION; the environment of exactly that version runs it,
as the image would. A version without an environment is an image that cannot be pulled.

VENV_WORKLOADS_IMAGES     JSON: ZenML version -> path of its environment
VENV_WORKLOADS_DIRECTORY  one folder per workload: its working directory and its log. A file `refuse` in it fails every run.
"""

import json
import os
import subprocess
from pathlib import Path

from zenml.zen_server.pipeline_execution.workload_manager_interface import WorkloadManagerInterface


class VenvWorkloadManager(WorkloadManagerInterface):
    def run(
        self,
        workload_id,
        image,
        command,
        arguments,
        environment=None,
        sync=True,
        timeout_in_seconds=0,
    ):
        images = json.loads(os.environ["VENV_WORKLOADS_IMAGES"])
        variables = dict(environment or {})
        version = variables.get("ZENML_VERSION", "")
        if version not in images:
            raise RuntimeError(f"image of ZenML {version} cannot be pulled")
        if (self._root() / "refuse").exists():
            raise RuntimeError("the cluster refuses new pods")
        folder = self._root() / str(workload_id)
        work = folder / "work"
        work.mkdir(parents=True, exist_ok=True)
        variables.update(
            ZENML_CONFIG_PATH=str(folder / "config"),
            HOME=str(folder),
            PATH=os.environ.get("PATH", ""),
            PYTHONPATH=str(Path(__file__).parent),
            FAKE_REMOTE_SCHEDULES=os.environ.get(
                "FAKE_REMOTE_SCHEDULES", str(folder / "schedules")
            ),
            FAKE_REMOTE_POD="1",
            ZENML_ANALYTICS_OPT_IN="false",
            ZENML_LOGGING_COLORS_DISABLED="true",
        )
        program = str(Path(images[version]) / "bin" / "python")
        with open(folder / "runner.log", "ab") as log:
            process = subprocess.Popen(
                [program, *command[1:], *arguments],
                env=variables,
                cwd=work,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if sync and process.wait(timeout=timeout_in_seconds or None) != 0:
            raise RuntimeError(f"the runner ended with exit code {process.returncode}")

    def build_and_push_image(
        self, workload_id, workload_type, dockerfile, image_name, sync=True, timeout_in_seconds=0
    ):
        return dockerfile.splitlines()[0].removeprefix("FROM ")

    def delete_workload(self, workload_id):
        pass

    def get_logs(self, workload_id):
        log = self._root() / str(workload_id) / "runner.log"
        return log.read_text() if log.exists() else ""

    def log(self, workload_id, message):
        # What a server tells of a workload is in the workload's log, as get_logs gives it.
        path = self._root() / str(workload_id) / "runner.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a") as log:
            log.write(f"{message}\n")

    def _root(self):
        return Path(os.environ["VENV_WORKLOADS_DIRECTORY"])

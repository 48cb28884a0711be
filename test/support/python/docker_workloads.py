"""A workload manager for a ZenML server whose runners are containers of a Docker daemon.

It builds the runner's image from the Dockerfile that the server writes, and runs it as a cluster would. The orchestrator
in it starts one more container for each step, so a runner gets the socket and the command line of Docker.

DOCKER_WORKLOADS_CLI        path of `docker`
DOCKER_WORKLOADS_DIRECTORY  a directory that runners and steps share with the machine
"""

import io
import os
from pathlib import Path

import docker

from zenml.zen_server.pipeline_execution.workload_manager_interface import WorkloadManagerInterface

SOCKET = "/var/run/docker.sock"


class DockerWorkloadManager(WorkloadManagerInterface):
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
        modules = str(Path(__file__).parent)
        shared = os.environ["DOCKER_WORKLOADS_DIRECTORY"]
        container = docker.from_env().containers.run(
            image,
            entrypoint=command,
            command=arguments,
            name=name_of(workload_id),
            detach=True,
            # Servers of tests listen on 127.0.0.1 only.
            network_mode="host",
            environment={
                **(environment or {}),
                "PYTHONPATH": modules,
                "ZENML_LOCAL_STORES_PATH": shared,
            },
            volumes={
                modules: {"bind": modules, "mode": "ro"},
                shared: {"bind": shared, "mode": "rw"},
                os.environ["DOCKER_HOST"].removeprefix("unix://"): {"bind": SOCKET, "mode": "rw"},
                os.environ["DOCKER_WORKLOADS_CLI"]: {"bind": "/usr/local/bin/docker", "mode": "ro"},
            },
        )
        if sync:
            code = container.wait(timeout=timeout_in_seconds or 600)["StatusCode"]
            if code != 0:
                raise RuntimeError(f"the runner ended with exit code {code}")

    def build_and_push_image(
        self, workload_id, workload_type, dockerfile, image_name, sync=True, timeout_in_seconds=0
    ):
        docker.from_env().images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=image_name)
        return image_name

    def delete_workload(self, workload_id):
        pass

    def get_logs(self, workload_id):
        return docker.from_env().containers.get(name_of(workload_id)).logs().decode()

    def log(self, workload_id, message):
        pass


def name_of(workload_id):
    return f"runner-{workload_id}"

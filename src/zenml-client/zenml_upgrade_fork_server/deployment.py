"""Lets a deployment on the live server serve another snapshot."""

from .errors import phase
from .live_server import select_stack_and_project
from .versions import zenml_version


def deploy(job, directory):
    """Provisions the deployment with the snapshot.

    Waits until its deployer says that it runs, for as long as its settings allow.
    """
    with phase("deploy"):
        select_stack_and_project(job, directory)
        from zenml.client import Client

        found = Client().provision_deployment(
            job["deployment"], project=job["project"], snapshot_id=job["snapshot"]
        )
        return {
            "status": found.status and found.status.value,
            "url": found.url,
            "clientVersion": zenml_version(),
        }

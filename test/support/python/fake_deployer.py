"""A deployer that asks a cluster to serve pipelines, and needs nothing but this machine.

It does what ZenML's deployers for clusters do: it names an image and the environment, and the cluster starts the
entrypoint of the image. The "image" is the ZenML version of the client that made the snapshot, and the cluster is
test/support/deployment-cluster.ts, whose address is the component's `cluster`.

`provision` returns before the new one runs, as deployers/docker/docker_deployer.py (0.98.0, lines 440 to 470) does;
ZenML then polls `do_get_deployment_state`.
"""

import requests
from zenml.deployers.base_deployer import (
    BaseDeployer,
    BaseDeployerConfig,
    BaseDeployerFlavor,
    BaseDeployerSettings,
)
from zenml.deployers.exceptions import DeploymentProvisionError
from zenml.deployers.server.entrypoint_configuration import DeploymentEntrypointConfiguration
from zenml.enums import DeploymentStatus
from zenml.models import DeploymentOperationalState


class FakeClusterDeployerConfig(BaseDeployerConfig, BaseDeployerSettings):
    cluster: str

    @property
    def is_local(self):
        return False


class FakeClusterDeployer(BaseDeployer):
    @property
    def settings_class(self):
        return BaseDeployerSettings

    def do_provision_deployment(self, deployment, stack, environment, secrets, timeout):
        entrypoint = DeploymentEntrypointConfiguration
        answer = requests.put(
            self._address(deployment),
            json={
                "version": deployment.snapshot.client_version,
                "environment": {**environment, **secrets},
                "arguments": [
                    *entrypoint.get_entrypoint_command()[1:],
                    *entrypoint.get_entrypoint_arguments(deployment_id=deployment.id),
                ],
            },
            timeout=30,
        )
        if answer.status_code != 200:
            raise DeploymentProvisionError(f"the cluster refuses: {answer.text}")
        # ZenML asks for the health of what is pending; what it is told runs, it believes.
        return DeploymentOperationalState(
            status=DeploymentStatus.PENDING, url=answer.json()["url"], metadata={}
        )

    def do_get_deployment_state(self, deployment):
        return self._state(requests.get(self._address(deployment), timeout=30).json())

    def do_get_deployment_state_logs(self, deployment, follow=False, tail=None):
        yield from ()

    def do_deprovision_deployment(self, deployment, timeout):
        requests.delete(self._address(deployment), timeout=30)

    def _address(self, deployment):
        return f"{self.config.cluster}/{deployment.id}"

    def _state(self, answer):
        return DeploymentOperationalState(
            status=DeploymentStatus(answer["status"]), url=answer["url"], metadata={}
        )


class FakeClusterDeployerFlavor(BaseDeployerFlavor):
    @property
    def name(self):
        return "fakecluster"

    @property
    def config_class(self):
        return FakeClusterDeployerConfig

    @property
    def implementation_class(self):
        return FakeClusterDeployer

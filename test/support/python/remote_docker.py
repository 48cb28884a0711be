"""ZenML's local Docker orchestrator, as one that a server may start: a server refuses local components.

The module must be importable by server, client, runner and steps.
"""

from zenml.orchestrators.local_docker.local_docker_orchestrator import (
    LocalDockerOrchestrator,
    LocalDockerOrchestratorConfig,
    LocalDockerOrchestratorFlavor,
)


class RemoteDockerOrchestratorConfig(LocalDockerOrchestratorConfig):
    @property
    def is_local(self):
        return False

    @property
    def is_remote(self):
        return True


class RemoteDockerOrchestrator(LocalDockerOrchestrator):
    pass


class RemoteDockerOrchestratorFlavor(LocalDockerOrchestratorFlavor):
    @property
    def name(self):
        return "remotedocker"

    @property
    def config_class(self):
        return RemoteDockerOrchestratorConfig

    @property
    def implementation_class(self):
        return RemoteDockerOrchestrator

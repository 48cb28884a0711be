"""Stack components that a ZenML server takes for remote ones and that need nothing but this machine.

A server runs a snapshot only on a stack without local and without custom components. These flavors behave like
ZenML's local ones and say that they are remote; registered by REST with `is_custom: false` they pass. The image
builder "builds" by naming the image only, so a snapshot gets a real build record: real client version, real
Dockerfile, real checksums. What stands for the image at run time is in venv_workloads.py.

The module must be importable by server, client and runner: its folder is on their PYTHONPATH.
FAKE_REMOTE_SCHEDULES names the folder whose JSON files stand for the CronJobs of a remote orchestrator.
"""

import json
import os
import sys
from pathlib import Path

from zenml import __version__ as zenml_version
from zenml.artifact_stores.local_artifact_store import (
    LocalArtifactStore,
    LocalArtifactStoreConfig,
    LocalArtifactStoreFlavor,
)
from zenml.config.base_settings import BaseSettings
from zenml.constants import ORCHESTRATOR_DOCKER_IMAGE_KEY
from zenml.image_builders.base_image_builder import (
    BaseImageBuilder,
    BaseImageBuilderConfig,
    BaseImageBuilderFlavor,
)
from zenml.orchestrators import SubmissionResult
from zenml.orchestrators.local.local_orchestrator import (
    LocalOrchestrator,
    LocalOrchestratorConfig,
    LocalOrchestratorFlavor,
)

NAME = "fakeremote"


class FakeRemoteOrchestratorSettings(BaseSettings):
    memory: str | None = None
    labels: dict[str, str] = {}


class FakeRemoteOrchestratorConfig(LocalOrchestratorConfig, FakeRemoteOrchestratorSettings):
    @property
    def is_local(self):
        return False

    @property
    def is_remote(self):
        return True

    @property
    def is_schedulable(self):
        return True


class FakeRemoteOrchestrator(LocalOrchestrator):
    @property
    def settings_class(self):
        return FakeRemoteOrchestratorSettings

    def get_docker_builds(self, snapshot):
        # Imported late: the module of configurations imports stacks.
        from zenml.config.build_configuration import BuildConfiguration

        settings = snapshot.pipeline_configuration.docker_settings
        return [BuildConfiguration(key=ORCHESTRATOR_DOCKER_IMAGE_KEY, settings=settings)]

    def submit_pipeline(self, snapshot, stack, **arguments):
        if snapshot.schedule is None:
            if os.environ.get("FAKE_REMOTE_POD"):
                self._fetch_code(snapshot)
            return super().submit_pipeline(snapshot=snapshot, stack=stack, **arguments)
        job = f"{snapshot.schedule.name}-{str(snapshot.schedule.id)[:8]}"
        self._write(
            job,
            {
                "cron": snapshot.schedule.cron_expression,
                "snapshot": str(snapshot.id),
                "schedule": str(snapshot.schedule.id),
                "image_zenml_version": zenml_version,
                "suspended": False,
            },
        )
        return SubmissionResult(metadata={"cron_job_name": job})

    def update_schedule(self, schedule, update):
        job = schedule.run_metadata["cron_job_name"]
        content = json.loads(self._path(job).read_text())
        if update.cron_expression:
            content["cron"] = update.cron_expression
        if update.active is not None:
            content["suspended"] = not update.active
        self._write(job, content)

    def delete_schedule(self, schedule):
        self._path(schedule.run_metadata["cron_job_name"]).unlink(missing_ok=True)

    def _fetch_code(self, snapshot):
        # A real orchestrator starts one pod per step, and each fetches the code that its snapshot was made with.
        # Here the runner is that pod.
        from zenml.utils import code_utils, source_utils

        code = Path("code").resolve()
        code.mkdir(exist_ok=True)
        code_utils.download_and_extract_code(code_path=snapshot.code_path, extract_dir=str(code))
        source_utils.set_custom_source_root(str(code))
        sys.path.insert(0, str(code))

    def _path(self, job):
        return Path(os.environ["FAKE_REMOTE_SCHEDULES"]) / f"{job}.json"

    def _write(self, job, content):
        path = self._path(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


class FakeRemoteOrchestratorFlavor(LocalOrchestratorFlavor):
    @property
    def name(self):
        return NAME

    @property
    def config_class(self):
        return FakeRemoteOrchestratorConfig

    @property
    def implementation_class(self):
        return FakeRemoteOrchestrator


class FakeRemoteArtifactStoreConfig(LocalArtifactStoreConfig):
    @property
    def is_local(self):
        return False


class FakeRemoteArtifactStore(LocalArtifactStore):
    @property
    def custom_cache_key(self):
        # A bucket is the same for every client; of a local store the cache knows only what the same client made.
        return None


class FakeRemoteArtifactStoreFlavor(LocalArtifactStoreFlavor):
    @property
    def name(self):
        return NAME

    @property
    def config_class(self):
        return FakeRemoteArtifactStoreConfig

    @property
    def implementation_class(self):
        return FakeRemoteArtifactStore


class FakeRemoteImageBuilder(BaseImageBuilder):
    @property
    def is_building_locally(self):
        return False

    def build(self, image_name, build_context, docker_build_options=None, container_registry=None):
        if os.environ.get("FAKE_REMOTE_BUILD_FAILS"):
            raise RuntimeError("no space left in the registry")
        return f"{image_name}-zenml-{zenml_version}"


class FakeRemoteImageBuilderFlavor(BaseImageBuilderFlavor):
    @property
    def name(self):
        return NAME

    @property
    def config_class(self):
        return BaseImageBuilderConfig

    @property
    def implementation_class(self):
        return FakeRemoteImageBuilder

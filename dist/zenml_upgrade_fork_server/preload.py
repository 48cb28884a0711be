"""Imports the modules of ZenML in the server, so that no child has to."""

import contextlib
import importlib

COMPONENT_PACKAGES = (
    "alerter",
    "annotators",
    "artifact_stores",
    "container_registries",
    "data_validators",
    "deployers",
    "experiment_trackers",
    "feature_stores",
    "image_builders",
    "log_stores",
    "model_deployers",
    "model_registries",
    "orchestrators",
    "sandboxes",
    "step_operators",
    "steps.decorated_step",
)


def import_zenml():
    """Imports what every job needs. Opens no store and starts no thread."""
    import zenml.client
    import zenml.config.compiler
    import zenml.integrations.registry
    import zenml.models
    import zenml.pipelines.build_utils
    import zenml.pipelines.pipeline_definition
    import zenml.stack.utils
    import zenml.zen_stores.rest_zen_store  # noqa: F401

    # Each run and each snapshot asks every integration whether it is installed. The modules of the
    # integrations hold only their requirements.
    zenml.integrations.registry.integration_registry.list_integration_names  # noqa: B018
    # Every stack imports the base classes of all its possible components.
    for package in (*COMPONENT_PACKAGES, "execution.pipeline.utils"):
        with contextlib.suppress(ImportError):  # not every version of ZenML has every package
            importlib.import_module(f"zenml.{package}")


def import_local_store():
    """Imports what a scratch store needs in addition.

    Together this takes two of the three seconds that a `configure` job would take.
    """
    import sqlalchemy.orm

    importlib.import_module("zenml.zen_stores.sql_zen_store")
    sqlalchemy.orm.configure_mappers()

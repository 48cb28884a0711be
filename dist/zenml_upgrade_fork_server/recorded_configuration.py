"""Fits a configuration that a server recorded with a snapshot to the code of today.

A record does not tell what was configured from what the code passed or had as a default. ZenML
refuses a configured value where the code passes another value, so there the code wins. Whether that
may be is judged by comparing the records.
"""

import inspect
import json
import re

from .hooks import fit_step_hooks

SWITCHES = (
    "enable_cache",
    "enable_artifact_metadata",
    "enable_artifact_visualization",
    "enable_step_logs",
)


def fit_pipeline_to_code(pipeline, configuration):
    """Removes parameters that the pipeline no longer has, and names settings as its code does."""
    parameters = inspect.signature(pipeline.entrypoint).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    recorded = configuration.get("parameters") or {}
    for name in [] if takes_any else set(recorded) - set(parameters):
        del recorded[name]
    rename_settings(configuration.get("settings"), pipeline.configuration.settings)
    # ZenML appends tags, so every rebuild would repeat the tags of the code once more.
    of_code = as_recorded(pipeline.configuration.tags) or []
    tags = [tag for tag in configuration.pop("tags", []) if tag not in of_code]
    if tags:
        configuration["tags"] = tags
    # ZenML sets a switch of the configuration on every step, but not a switch of the code.
    for switch in SWITCHES:
        if switch in configuration and configuration[switch] == getattr(
            pipeline.configuration, switch, None
        ):
            del configuration[switch]


def fit_steps_to_code(pipeline, configuration):
    """Removes steps that the pipeline no longer has, and fits the other steps to their code."""
    steps = configuration.get("steps") or {}
    for step_name in list(steps):
        invocation = pipeline.invocations.get(step_name)
        if invocation is not None:
            fit_step_to_code(step_name, invocation, steps[step_name])
        elif not getattr(pipeline, "is_dynamic", False):
            del steps[step_name]


def fit_step_to_code(step_name, invocation, configuration):
    """Removes parameters that the code passes itself or that the step no longer has."""
    rename_settings(configuration.get("settings"), invocation.step.configuration.settings)
    fit_step_hooks(step_name, invocation.step, configuration)
    artifacts = {
        *invocation.input_artifacts,
        *invocation.external_artifacts,
        *invocation.model_artifacts_or_metadata,
        *invocation.client_lazy_loaders,
    }
    recorded = configuration.get("parameters") or {}
    for name in list(recorded):
        if name in invocation.parameters:
            del recorded[name]
        elif name in artifacts or name not in invocation.step.entrypoint_definition.inputs:
            del recorded[name]


def rename_settings(recorded, of_code):
    """Names the settings of a component as the code names them.

    ZenML accepts `orchestrator`, `orchestrator.flavor` and `orchestrator:name`, but refuses two of
    them at once.
    """
    for key in list(recorded or {}):
        same = [
            other for other in of_code if re.split("[.:]", other)[0] == re.split("[.:]", key)[0]
        ]
        if len(same) == 1 and same[0] != key:
            recorded[same[0]] = recorded.pop(key)


def as_recorded(value):
    """A value as a server records it."""
    from zenml.utils.json_utils import pydantic_encoder

    return json.loads(json.dumps(value, default=pydantic_encoder))

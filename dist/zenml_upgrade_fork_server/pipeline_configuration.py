"""Applies the configuration of a job to its pipeline."""

import os

from .configuration import merge
from .errors import JobError, phase
from .expectations import refuse_another_pipeline
from .hooks import hook_options, take_hooks
from .pipeline_import import import_pipeline
from .recorded_configuration import fit_pipeline_to_code, fit_steps_to_code


def configured_pipeline(job, directory, configuration):
    """The pipeline, imported and prepared, with the configuration applied.

    Where the code itself now says something else than a recorded configuration, the code wins.
    """
    path = os.path.join(directory, "run-configuration.yaml")
    overrides = job.get("overrides") or {}
    pipeline = import_pipeline(job)
    with phase("configure"):
        hooks = hook_options(pipeline, take_hooks(configuration))
        if job.get("fromRecord"):
            fit_pipeline_to_code(pipeline, configuration)
        write_configuration(path, configuration, overrides)
        pipeline = pipeline.with_options(config_path=path, **hooks)
        pipeline._prepare_if_possible()
        refuse_another_pipeline(job, pipeline)
        if job.get("fromRecord"):
            fit_steps_to_code(pipeline, configuration)
            # ZenML reads the file again when it compiles the pipeline. Only then does it apply the
            # configuration of the steps.
            write_configuration(path, configuration, overrides)
        refuse_unknown_steps(pipeline, configuration, overrides)
    return pipeline


def write_configuration(path, configuration, overrides):
    import yaml

    with open(path, "w", encoding="utf-8") as file:
        # Not JSON: PyYAML reads JSON's 1e-05 as a string.
        # Not sorted: code may walk through a mapping among its parameters.
        yaml.safe_dump(merge(configuration, overrides), file, sort_keys=False)


def refuse_unknown_steps(pipeline, configuration, overrides):
    """Refuses steps that ZenML would silently ignore."""
    # A dynamic pipeline knows its steps only when it runs.
    if getattr(pipeline, "is_dynamic", False):
        return
    configured = {**(configuration.get("steps") or {}), **(overrides.get("steps") or {})}
    unknown = sorted(set(configured) - set(pipeline.invocations))
    if unknown:
        raise JobError(
            "configure",
            f"The configuration is for steps that the pipeline does not have: {', '.join(unknown)}",
            f"Correct the configuration; the pipeline has {', '.join(pipeline.invocations)}.",
        )

"""The run configuration of a job, from its file and from the job itself."""

import difflib
import os

from .errors import JobError
from .messages import one_line
from .notes import note
from .versions import zenml_version

# ZenML ignores a schedule when it makes a snapshot, and would create the schedule when it runs a
# pipeline.
LEFT_OUT_KEYS = {"schedule"}


def read_configuration(job):
    """The file of `configPath` with `configuration` merged over it."""
    configuration = merge(read_file(job), job["configuration"] or {})
    note_ignored_keys(configuration)
    for key in LEFT_OUT_KEYS & set(configuration):
        print(f"`{key}` of the configuration is left out.")
        del configuration[key]
    return configuration


def read_file(job):
    import yaml

    if job["configPath"] is None:
        return {}
    path = os.path.join(job["sourceRoot"], job["configPath"])
    try:
        with open(path, encoding="utf-8") as file:
            configuration = yaml.safe_load(file) or {}
    except OSError as error:
        raise JobError(
            "configure",
            f"The configuration file {path} cannot be read: {error.strerror}",
            "Correct the path in `snapshots[].config`; it is relative to the source's `path`.",
        ) from error
    except yaml.YAMLError as error:
        raise JobError(
            "configure",
            f"The configuration file {path} is not YAML: {one_line(error)}",
            "Correct the file.",
        ) from error
    if not isinstance(configuration, dict):
        raise JobError(
            "configure", f"The configuration file {path} is not a mapping.", "Correct the file."
        )
    return configuration


def note_ignored_keys(configuration):
    """Notes the keys that ZenML ignores without a word, of the pipeline and of its steps."""
    from zenml.config.pipeline_run_configuration import PipelineRunConfiguration
    from zenml.config.step_configurations import StepConfigurationUpdate

    note_unknown(configuration, PipelineRunConfiguration, "the configuration")
    steps = configuration.get("steps")
    for name, step in steps.items() if isinstance(steps, dict) else ():
        if isinstance(step, dict):
            note_unknown(step, StepConfigurationUpdate, f"the step {name} in the configuration")


def note_unknown(mapping, model, owner):
    for key in map(str, mapping):
        if key in model.model_fields:
            continue
        nearest = difflib.get_close_matches(key, model.model_fields, 1, 0.75)
        hint = f"; `{nearest[0]}` may be meant" if nearest else ""
        note(f"ZenML {zenml_version()} ignores the key `{key}` of {owner}{hint}.")


def merge(below, above):
    """Merges mappings key by key. Any other value of `above` replaces the value of `below`."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged

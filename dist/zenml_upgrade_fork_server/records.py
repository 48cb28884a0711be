"""What a server records of a compiled pipeline, in the shape of this ZenML."""

import contextlib
import inspect


def record_of(snapshot):
    """The record that a server would make of a compiled pipeline."""
    # This is how the client sends it: without the values that no one set.
    sent = snapshot.model_dump(mode="json", exclude_unset=True)
    return in_this_shape(sent)


def in_this_shape(record):
    """A record as a server of this ZenML reads it, which may be the record of an older ZenML.

    ZenML's own models add the fields that the older one did not have, and convert the others.
    """
    from zenml.config.pipeline_configurations import PipelineConfiguration
    from zenml.config.pipeline_spec import PipelineSpec

    pipeline = PipelineConfiguration.model_validate(record["pipeline_configuration"])
    spec = record.get("pipeline_spec")
    return {
        "run_name_template": record["run_name_template"],
        "is_dynamic": bool(record.get("is_dynamic")),
        "pipeline_configuration": pipeline.model_dump(mode="json"),
        "pipeline_spec": spec and PipelineSpec.model_validate(spec).model_dump(mode="json"),
        "step_configurations": {
            name: read_step(step, pipeline, bool(record.get("is_dynamic"))).model_dump(mode="json")
            for name, step in record["step_configurations"].items()
        },
    }


def read_step(step, pipeline, is_dynamic):
    from zenml.config.step_configurations import Step

    step = dict(step)
    # A server keeps what the step itself says, and derives the rest from the pipeline when it is
    # asked.
    if step.get("step_config_overrides"):
        step.pop("config", None)
    arguments = {"pipeline_configuration": pipeline}
    if "exclude_hook_sources" in inspect.signature(Step.from_dict).parameters:
        arguments["exclude_hook_sources"] = is_dynamic
    return Step.from_dict(step, **arguments)


def record_of_code(pipeline, recorded):
    """The record of the pipeline without any configuration, or None when it cannot be compiled.

    Parameters that the pipeline needs and that have no default are those of the record.
    """
    with contextlib.suppress(Exception):
        pipeline = pipeline.copy()
        parameters = recorded["pipeline_configuration"].get("parameters") or {}
        needed = {
            name: parameters[name] for name in pipeline.missing_parameters if name in parameters
        }
        if needed:
            pipeline.configure(parameters=needed)
        pipeline._prepare_if_possible()
        return record_of(pipeline._compile()[0])
    return None

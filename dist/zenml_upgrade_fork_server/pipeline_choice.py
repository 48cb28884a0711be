"""Chooses the pipeline of a job among those of its module.

ZenML records the name of the function that a pipeline was made from, and the module of that
function. A pipeline that a factory made, or that was assigned to another name, is not found by it.
"""

from .errors import JobError
from .notes import note


def choose_pipeline(module, attribute, job):
    """The pipeline of this attribute, else the only one with the name that the snapshot records."""
    from zenml.pipelines.pipeline_definition import Pipeline

    missing = object()
    found = getattr(module, attribute, missing)
    is_pipeline = isinstance(found, Pipeline)
    expected = (job.get("expected") or {}).get("pipeline")
    if is_pipeline and expected in (None, found.name):
        return found
    pipelines = pipelines_of(module, Pipeline)
    named = {name: pipeline for name, pipeline in pipelines.items() if pipeline.name == expected}
    if len(named) == 1:
        [(name, pipeline)] = named.items()
        note(
            f"The pipeline {expected} is `{module.__name__}.{name}`, not `{job['pipelineSource']}`."
        )
        return pipeline
    if is_pipeline:
        return found
    what = (
        f"AttributeError: the module `{module.__name__}` has no `{attribute}`"
        if found is missing
        else f"`{job['pipelineSource']}` is a {type(found).__name__} and not a ZenML pipeline"
    )
    # The pipeline of a module that has none may be made inside a function.
    kind = "no-pipeline" if pipelines and not named else "import"
    raise JobError(kind, what, choice_remedy(module.__name__, named or pipelines))


def pipelines_of(module, pipeline_class):
    """The pipelines of a module by the first name that each has there."""
    names = {}
    for name, value in vars(module).items():
        if isinstance(value, pipeline_class) and all(value is not one for one in names.values()):
            names[name] = value
    return names


def choice_remedy(module, pipelines):
    """Which pipelines there are to choose from, and how to choose one."""
    if not pipelines:
        return (
            "The module has no pipeline at its top level, and one that is made inside a function"
            " cannot be found. Assign it to a name of a module, and set `pipeline-source:"
            " module.name` of the snapshot."
        )
    listed = ", ".join(f"`{module}.{name}` ({one.name})" for name, one in pipelines.items())
    return (
        f"The module has {listed}. Set `pipeline-source` of the snapshot to the one that is meant."
    )

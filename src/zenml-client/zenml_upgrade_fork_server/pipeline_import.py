"""Imports the pipeline of a job from the user's source."""

import contextlib
import importlib

from .errors import JobError
from .messages import name_and_message


def import_pipeline(job):
    """The pipeline object. Its code is imported from the source root and from nowhere else."""
    from zenml.pipelines.pipeline_definition import Pipeline
    from zenml.utils import source_utils

    source = job["pipelineSource"]
    module_name, _, attribute = source.rpartition(".")
    if not module_name:
        raise JobError("import", f"`{source}` is not of the form module.attribute.")
    module = import_module(module_name, job["sourceRoot"])
    try:
        pipeline = getattr(module, attribute)
    except AttributeError as error:
        raise JobError(
            "import",
            f"AttributeError: the module `{module_name}` has no `{attribute}`",
            "Name the pipeline function as it is called in the code.",
        ) from error
    if not isinstance(pipeline, Pipeline):
        raise JobError(
            "import",
            f"`{source}` is a {type(pipeline).__name__} and not a ZenML pipeline",
            "Name a function decorated with @pipeline.",
        )
    source_utils.set_custom_source_root(job["sourceRoot"])
    return pipeline


def import_module(name, root):
    # A module that calls its pipeline without a __main__ guard must not run the pipeline here.
    with nothing_runs():
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if name == missing or name.startswith(missing + "."):
                raise JobError(
                    "import",
                    f"ModuleNotFoundError: there is no module `{missing}` under {root}",
                    "Check the source's `path` and `ref`: the module must be importable from"
                    " there.",
                ) from error
            raise JobError(
                "import",
                f"{name_and_message(error)}, imported by `{name}`",
                f"Add what provides `{missing}` to `install.requirements` of the source, or to its"
                " `path`.",
            ) from error


@contextlib.contextmanager
def nothing_runs():
    """Makes calls of pipelines and steps do nothing, with ZenML's own switch."""
    try:
        from zenml.execution.pipeline.utils import prevent_pipeline_execution
    except ImportError:  # ZenML 0.90
        from zenml import constants

        constants.SHOULD_PREVENT_PIPELINE_EXECUTION = True
        yield
        constants.SHOULD_PREVENT_PIPELINE_EXECUTION = False
    else:
        with prevent_pipeline_execution():
            yield

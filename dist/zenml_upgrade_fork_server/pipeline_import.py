"""Imports the pipeline of a job from the user's source."""

import contextlib
import importlib
import os

from .errors import JobError
from .messages import name_and_message
from .missing_modules import missing_module_remedy
from .pipeline_choice import choose_pipeline
from .repository_search import files_of, repository_of, roots_of_module

# The most directories that a message names.
MOST = 10


def import_pipeline(job):
    """The pipeline object. Its code is imported from the source root and from nowhere else."""
    from zenml.utils import source_utils

    source = job["pipelineSource"]
    module_name, _, attribute = source.rpartition(".")
    if not module_name:
        raise JobError("import", f"`{source}` is not of the form module.attribute.")
    pipeline = choose_pipeline(import_module(module_name, job), attribute, job)
    source_utils.set_custom_source_root(job["sourceRoot"])
    return pipeline


def import_module(name, job):
    # A module that calls its pipeline without a __main__ guard must not run the pipeline here.
    with nothing_runs():
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if name == missing or name.startswith(missing + "."):
                raise JobError(
                    "import",
                    f"ModuleNotFoundError: there is no module `{missing}` under"
                    f" {job['sourceRoot']}, and the pipeline is `{job['pipelineSource']}`",
                    path_remedy(name, job),
                ) from error
            raise JobError(
                "import",
                f"{name_and_message(error)}, imported by `{name}`",
                missing_module_remedy(missing, job),
            ) from error


def path_remedy(module, job):
    """Where in the repository the module is, and which `path` of the source that makes."""
    repository = repository_of(job["sourceRoot"])
    here = os.path.relpath(job["sourceRoot"], repository).replace(os.sep, "/")
    roots = [root for root in roots_of_module(module, files_of(repository)) if root != here]
    if not roots:
        return (
            f"No directory of the repository has `{module.replace('.', '/')}.py`. Check `ref` of"
            " the source; where the module was moved or renamed, set `pipeline-source:"
            " module.attribute` of the snapshot."
        )
    if len(roots) == 1:
        return f"The module is in this repository: set `path: {roots[0]}` of the source."
    shown = [*roots[:MOST], *([f"and {len(roots) - MOST} more"] if len(roots) > MOST else [])]
    return (
        f"{len(roots)} directories of the repository have this module: {', '.join(shown)}. Set"
        " `path` of the source to that of the snapshot's code."
    )


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

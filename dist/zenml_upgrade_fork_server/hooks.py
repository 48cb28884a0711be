"""Applies hooks that a record or a configuration names.

ZenML takes the hooks of a pipeline from its code only, and ignores those of a run configuration.
"""

from .errors import JobError
from .messages import name_and_message

ARGUMENTS = {
    "failure_hook_source": "on_failure",
    "success_hook_source": "on_success",
    "start_hook_source": "on_start",
    "end_hook_source": "on_end",
    "pause_hook_source": "on_pause",
    "resume_hook_source": "on_resume",
    "init_hook_source": "on_init",
    "cleanup_hook_source": "on_cleanup",
}


def take_hooks(configuration):
    """Removes the hooks of the pipeline from its configuration and returns them."""
    names = (*ARGUMENTS, "init_hook_kwargs")
    return {name: configuration.pop(name) for name in names if configuration.get(name)}


def hook_options(pipeline, hooks):
    """Arguments of `with_options` for the hooks that the code of the pipeline does not set."""
    options = {}
    for name, hook in hooks.items():
        if name != "init_hook_kwargs" and is_to_apply("the pipeline", pipeline, name, hook):
            options[ARGUMENTS[name]] = hook
    arguments = hooks.get("init_hook_kwargs")
    if arguments and arguments != pipeline.configuration.init_hook_kwargs:
        options["on_init_kwargs"] = arguments
    return options


def fit_step_hooks(step_name, step, configuration):
    """Removes hooks that the code of the step sets itself."""
    for name in ARGUMENTS:
        hook = configuration.get(name)
        if hook and not is_to_apply(f"step {step_name}", step, name, hook):
            del configuration[name]


def is_to_apply(owner, object_of_code, name, hook):
    """Whether a hook must be set: the code sets another one or none, and it can be imported."""
    own = getattr(object_of_code.configuration, name, None)
    if own is not None and own.import_path == hook:
        return False
    try:
        load_hook(hook)
    except Exception as error:
        # The code may have renamed its own hook.
        if own is not None:
            return False
        raise JobError(
            "configure",
            f"The hook {hook} ({name} of {owner}) cannot be imported: {name_and_message(error)}",
            "Restore the hook in the code, or create the snapshot once by hand without it.",
        ) from error
    return True


def load_hook(hook):
    from zenml.utils import source_utils

    return source_utils.load(hook)

"""Recognises code that failed because an environment variable is not set."""

import os
import re
import traceback

NAME = r"[`\"']?([A-Z][A-Z0-9_]{2,})[`\"']?"
# What libraries and people write: environs and OmegaConf, django-environ, python-decouple,
# Starlette. Only the name of a variable is known by its case.
MESSAGES = [
    re.compile(rf"(?i:environment variables?) {NAME}"),
    re.compile(rf"(?i:environment variables?)[^:\n]{{0,60}}: {NAME}\b(?!\s+\w)"),
    re.compile(rf"{NAME} (?i:environment variable)"),
    re.compile(rf"^{NAME} not found\. Declare it as envvar"),
    re.compile(rf"Config {NAME} is missing"),
]


def missing_variables(error):
    """Names of the environment variables that an exception is about and that are not set."""
    names = [
        *looked_up_in_environment(error),
        *fields_of_settings(error),
        *(match[1] for pattern in MESSAGES if (match := pattern.search(str(error)))),
    ]
    return [name for name in dict.fromkeys(names) if name not in os.environ]


def looked_up_in_environment(error):
    """The key of `os.environ` that was not there."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, KeyError) and frames and frames[-1].f_globals.get("__name__") == "os":
        return [str(error.args[0])]
    return []


def fields_of_settings(error):
    """Variables of the fields that pydantic-settings did not find."""
    settings = next(filter(None, map(settings_of, traceback.walk_tb(error.__traceback__))), None)
    if settings is None or not hasattr(error, "errors"):
        return []
    prefix = settings.model_config.get("env_prefix") or ""
    return [
        str(field if field not in settings.model_fields else f"{prefix}{field}").upper()
        for field in (
            problem["loc"][0] for problem in error.errors() if problem["type"] == "missing"
        )
    ]


def settings_of(entry):
    """The settings class that a frame of pydantic-settings makes an object of."""
    frame, _ = entry
    if not frame.f_globals.get("__name__", "").startswith("pydantic_settings."):
        return None
    if frame.f_code.co_name != "__init__" or frame.f_code.co_argcount == 0:
        return None
    owner = type(frame.f_locals.get(frame.f_code.co_varnames[0]))
    return owner if hasattr(owner, "model_fields") else None


def variable_remedy(names, job):
    """Where to set environment variables that the code of a pipeline needs."""
    environment = (job.get("source") or {}).get("environment")
    secret = f"ZENML_{environment.upper() if environment else '<ENVIRONMENT>'}_SOURCES_ENV"
    listed = ", ".join(f"`{name}`" for name in names)
    return (
        f"On GitHub put {listed} into the secret {secret}, one line NAME=value for each. By hand,"
        " export it before the command."
    )

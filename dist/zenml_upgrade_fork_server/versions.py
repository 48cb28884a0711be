"""The versions that events and results report."""

import platform


def zenml_version():
    import zenml

    return zenml.__version__


def python_version():
    """The version of Python as `X.Y`."""
    return ".".join(platform.python_version_tuple()[:2])

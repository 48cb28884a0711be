"""Says what to do about a module that is not installed, or that lacks a name."""

import importlib.metadata
import os

from .declared_packages import (
    PACKAGES,
    declaring_files,
    is_lock_file,
    listed_files,
    nearest_first,
    packages_of,
)
from .repository_search import files_of, repository_of, roots_of_package


def lacks_name(error, root):
    """Whether a module from outside the source root does not have what is imported from it.

    An ImportError may also say that a module needs a library of the machine, or what to install.
    """
    return (
        isinstance(error, ImportError)
        and bool(error.name)
        and str(error).startswith("cannot import name")
        and "partially initialized module" not in str(error)
        and not (error.path or "").startswith(root + os.sep)
    )


def lacking_name_remedy(module, job):
    """What to do about a module that is there and does not have what is imported from it."""
    if of_zenml(module):
        return zenml_remedy(module)
    package = installed_package(module)
    if package is None:
        return None
    return f"{package} is installed and lacks the name: pin one that has it in {owner_of(job)}."


def missing_module_remedy(module, job):
    """What to do about a module that cannot be imported."""
    if of_zenml(module):
        return zenml_remedy(module)
    root, source, owner = job["sourceRoot"], job.get("source") or {}, owner_of(job)
    # Where the top module is there, the package of the module inside it is.
    installed = installed_package(module) if "." in module and module not in PACKAGES else None
    if installed:
        return f"{installed} is installed and has no `{module}`: pin one that has it in {owner}."
    listed = listed_files(root, source.get("requirements") or [])
    found = declaring_files(root, packages_of(module))
    for package, file in found:
        if os.path.normpath(os.path.join(root, file)) in listed:
            return (
                f"`{package}` is in {file}, but is not installed from there: an extra, a"
                f" dependency group or a marker leaves it out. Add a file that has it to {owner}."
            )
    if found:
        package, file = found[0]
        return f"`{package}` is in {file}, which {owner} does not name: add the file there."
    return undeclared_remedy(module, root, owner, source.get("requirements") or [])


def of_zenml(module):
    return module.split(".")[0] == "zenml"


def zenml_remedy(module):
    return f"The new ZenML has changed `{module}`: change the import in the code of the pipeline."


def owner_of(job):
    """The key of the configuration file that lists requirements files."""
    source = job.get("source") or {}
    return f"`install.requirements` of the source{' ' + source['name'] if source else ''}"


def installed_package(module):
    """The name and version of the installed package that a module is of; None where unknown."""
    packages = importlib.metadata.packages_distributions().get(module.split(".")[0], [])
    # Several packages share a namespace such as `google`.
    if len(set(packages)) != 1:
        return None
    return f"{packages[0]} {importlib.metadata.version(packages[0])}"


def undeclared_remedy(module, root, owner, requirements):
    """What to do about a module that no file of the repository declares."""
    repository = repository_of(root)
    files = files_of(repository)
    top = module.split(".")[0]
    here = os.path.relpath(root, repository).replace(os.sep, "/")
    places = roots_of_package(top, files)
    if here in places:
        return f"The source has `{top}`, and no `{module}` in it. Check `ref` of the source."
    if places:
        return (
            f"`{top}` is in the directory {places[0]} of the repository. Choose a `path` of the"
            f" source from which both can be imported, or install `{top}` by {owner}."
        )
    what = f"Add the package that has `{module}`, such as {packages_of(module)[0]},"
    loose = [file for file in requirements if not is_lock_file(file)]
    if loose:
        return f"{what} to {loose[0]}, which {owner} names."
    if requirements:
        return f"{what} to the project of {requirements[0]}, and lock it again."
    nearest = next(iter(nearest_first(root, repository, files)), "a requirements file")
    return f"{what} to {nearest}, and name this file in {owner}."

"""Tells about the environment it runs in: which requirements the named integrations have, and who asks for another ZenML.

Reads {"integrations": [...]} from standard input, writes one JSON object.
"""

import importlib.metadata
import json
import os
import re
import sys

events = os.dup(1)
os.dup2(2, 1)  # whatever ZenML prints is not the answer


def integration_requirements(names):
    if not names:
        return {}, []
    from zenml.integrations.registry import integration_registry

    known = set(integration_registry.list_integration_names)
    unknown = sorted(set(names) - known)
    chosen = [name for name in names if name in known]
    return {
        name: integration_registry.select_integration_requirements(name) for name in chosen
    }, unknown


def other_wishes():
    """Installed packages whose own requirements exclude the ZenML that is installed."""
    from packaging.requirements import InvalidRequirement, Requirement

    version = importlib.metadata.version("zenml")
    wishes = []
    for package in importlib.metadata.distributions():
        for text in package.requires or []:
            if not re.match(r"zenml\b(?!-)", text, re.IGNORECASE):
                continue
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if applies and not requirement.specifier.contains(version, prereleases=True):
                wishes.append(f"{package.metadata['Name']} {package.version}: {text}")
    return sorted(wishes)


requirements, unknown = integration_requirements(json.load(sys.stdin)["integrations"])
answer = {
    "zenmlVersion": importlib.metadata.version("zenml"),
    "packages": sum(1 for _ in importlib.metadata.distributions()),
    "requirements": requirements,
    "unknownIntegrations": unknown,
    "otherWishes": other_wishes(),
}
with os.fdopen(events, "w") as file:
    json.dump(answer, file)

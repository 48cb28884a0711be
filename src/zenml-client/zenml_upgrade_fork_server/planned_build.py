"""Which images a compiled pipeline needs, without building or asking anything."""

import hashlib
import json
import re

# Of a tag, in characters, as Docker allows.
LONGEST_TAG = 128


def builds_image(snapshot, build):
    """Whether the snapshot will have a build; None when the stack cannot tell."""
    if build is not None:
        return True
    builds = docker_builds(snapshot)
    return None if builds is None else bool(builds)


def planned_build(snapshot, build):
    """The images that a rebuild makes, and what decides whether it can reuse those of another one.

    None when the configuration brings its build, or when the stack needs none or cannot tell.
    """
    from zenml.client import Client

    builds = docker_builds(snapshot)
    if build is not None or not builds:
        return None
    stack = Client().active_stack
    made = [one for one in builds if not one.settings.skip_build]
    return {
        "key": key_of(builds) if made and may_be_reused(builds, snapshot, stack) else None,
        "images": sorted({target_image(one, snapshot, stack) for one in made}),
    }


def docker_builds(snapshot):
    from zenml.client import Client

    try:
        return Client().active_stack.get_docker_builds(snapshot=snapshot)
    except Exception:
        return None


def may_be_reused(builds, snapshot, stack):
    """Whether ZenML looks for a build that is there already (`reuse_or_create_pipeline_build`)."""
    from zenml.pipelines.build_utils import requires_included_code

    return (
        stack.container_registry is not None
        and not any(one.settings.prevent_build_reuse for one in builds)
        and not requires_included_code(snapshot=snapshot)
    )


def key_of(builds):
    """A digest of all that ZenML's checksum of a build covers and that one source may differ in.

    ZenML's own also covers requirement files, which are the same for all snapshots of a source and
    a stack, and the digest of the parent image, for which it asks the registry.
    """
    described = [one.model_dump(mode="json") for one in builds]
    for one in described:
        one["settings"].pop("prevent_build_reuse", None)
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def target_image(build, snapshot, stack):
    """The name under which ZenML tags and pushes an image (`create_pipeline_build`)."""
    parts = (snapshot.pipeline_configuration.name, build.step_name, build.key)
    tag = getattr(build.settings, "image_tag", None) or sanitized("-".join(filter(None, parts)))
    return image_name(build.settings, tag, stack)


def image_name(settings, tag, stack):
    registry = stack.container_registry
    default = registry.config.default_repository if registry else None
    name = f"{settings.target_repository or default or 'zenml'}:{tag}"
    return f"{registry.config.uri}/{name}" if registry else name


def sanitized(tag):
    return re.sub(r"^[-.]", "_", re.sub(r"[^a-zA-Z0-9_.\-]", "", tag))[:LONGEST_TAG]

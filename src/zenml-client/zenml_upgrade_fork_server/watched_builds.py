"""Watches the image builds of a job: counts them, keeps their output, and lets them take turns."""

import contextlib
import fcntl
import functools
import hashlib
import logging
import os

from .errors import phase
from .planned_build import image_name

# What a build prints is logged by these at DEBUG, and why a build failed is only there.
OUTPUT_LOGGERS = ("zenml.utils.docker_utils", "zenml.container_engines.docker_engine")


class BuildWatch:
    def __init__(self):
        self.images_built = 0
        self.is_reused = False  # ZenML found a build with the same checksum


def watch_builds(directory):
    """Wraps ZenML's builder of images, and the search for a build that can be reused.

    Two snapshots of one pipeline give their images the same tag. ZenML builds, tags, pushes and
    then asks for the digest of the tag, so it would record the image of the other one if both were
    built at the same time. Therefore images of one name are built one after the other.
    """
    from zenml.pipelines import build_utils
    from zenml.utils.pipeline_docker_image_builder import PipelineDockerImageBuilder

    watch = BuildWatch()
    build = PipelineDockerImageBuilder.build_docker_image
    find = build_utils.find_existing_build

    @functools.wraps(build)
    def watched(self, docker_settings, tag, stack, **options):
        options = {"docker_settings": docker_settings, "tag": tag, "stack": stack, **options}
        if docker_settings.skip_build:
            return build(self, **options)
        name = image_name(docker_settings, tag, stack)
        with phase("build"), turn(name, directory), logged_output():
            result = build(self, **options)
        watch.images_built += 1
        return result

    @functools.wraps(find)
    def watched_find(*arguments, **options):
        found = find(*arguments, **options)
        watch.is_reused = found is not None
        return found

    PipelineDockerImageBuilder.build_docker_image = watched
    build_utils.find_existing_build = watched_find
    return watch


@contextlib.contextmanager
def turn(name, directory):
    """Waits until no other job builds an image of this name. The kernel ends the turn of a job
    that is ended."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    path = os.path.join(os.path.dirname(directory), f"image-{digest}.lock")
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def logged_output():
    loggers = [logging.getLogger(name) for name in OUTPUT_LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

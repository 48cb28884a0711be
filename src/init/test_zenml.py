"""The smoke suite of ZenML's upgrade guide: a simple pipeline runs to its end, and its artifact can be loaded.

It is run against each upgraded server, with the new client. Add what your team calls a good upgrade.
"""

from functools import cache
from time import sleep
from typing import Annotated

from zenml import pipeline, step
from zenml.client import Client

NUMBERS = [1, 2, 3]
# A name or id of your own here also shows that data from before the upgrade can still be read.
ARTIFACT = "upgrade_smoke_numbers"


@step
def make_numbers() -> Annotated[list[int], "upgrade_smoke_numbers"]:
    return NUMBERS


@step
def add_up(numbers: list[int]) -> Annotated[int, "upgrade_smoke_sum"]:
    return sum(numbers)


# Without the cache: a run that only repeats what an older one made proves nothing.
@pipeline(enable_cache=False)
def upgrade_smoke():
    add_up(make_numbers())


@cache
def finished_run():
    """The run that both tests look at; it is started once."""
    run = Client().get_pipeline_run(upgrade_smoke().id)
    # Some orchestrators do not wait for the end of what they started.
    while not run.status.is_finished:
        sleep(2)
        run = Client().get_pipeline_run(run.id)
    return run


def test_simple_pipeline():
    run = finished_run()
    assert run.status == "completed"
    assert {name: step.status for name, step in run.steps.items()} == {
        "make_numbers": "completed",
        "add_up": "completed",
    }
    assert run.steps["add_up"].outputs["upgrade_smoke_sum"][0].load() == sum(NUMBERS)


def test_artifact_loading():
    finished_run()
    assert Client().get_artifact_version(ARTIFACT).load() is not None

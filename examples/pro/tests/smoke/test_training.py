"""What must work after an upgrade: the versions agree, a pipeline runs to its end, and its artifact can be loaded."""

import zenml
from pipelines.training import training
from zenml.client import Client


def test_client_and_server_have_the_same_version():
    assert Client().zen_store.get_store_info().version == zenml.__version__


def test_training_runs_and_its_accuracy_loads():
    # Without the cache: a run that only repeats old results shows nothing.
    started = training.with_options(enable_cache=False)(rows=30)
    run = Client().get_pipeline_run(started.id)
    assert run.status == "completed"
    assert run.steps["evaluate"].outputs["accuracy"][0].load() > 0.5

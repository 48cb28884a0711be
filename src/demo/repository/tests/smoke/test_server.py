"""The two tests that ZenML's guide asks for: a pipeline runs, and its artifact can be loaded."""

import zenml
from pipelines import training
from zenml.client import Client


def test_client_and_server_have_the_same_version():
    assert Client().zen_store.get_store_info().version == zenml.__version__


def test_a_pipeline_runs_and_its_artifact_loads():
    run = training.with_options(enable_cache=False)(rows=20)
    run = Client().get_pipeline_run(run.id)
    assert run.status == "completed"
    assert 0 <= run.steps["evaluate"].outputs["accuracy"][0].load() <= 1

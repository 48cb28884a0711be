"""Refuses a pipeline that is not the one of the snapshot, before anything is created."""

from .errors import JobError

REMEDY = (
    "Check `path`, `ref` and the `snapshots` patterns of the source: the code of another team may"
    " have a module of the same name. If the code was changed on purpose, create the snapshot once"
    " by hand."
)


def refuse_another_pipeline(job, pipeline):
    """Compares the name and the steps of the pipeline with what the snapshot recorded."""
    expected = job.get("expected")
    if expected is None:
        return
    if pipeline.name != expected["pipeline"]:
        raise JobError(
            "mismatch",
            f"`{job['pipelineSource']}` is the pipeline {pipeline.name}, and the snapshot is of"
            f" {expected['pipeline']}",
            REMEDY,
        )
    steps, recorded = set(pipeline.invocations), set(expected["steps"])
    # A dynamic pipeline knows its steps only when it runs.
    if getattr(pipeline, "is_dynamic", False) or steps == recorded:
        return
    if expected["stepsMayDiffer"] and steps & recorded:
        return
    raise JobError(
        "mismatch",
        f"`{job['pipelineSource']}` has the steps {', '.join(sorted(steps))}, and the snapshot has"
        f" {', '.join(sorted(recorded))}",
        REMEDY,
    )

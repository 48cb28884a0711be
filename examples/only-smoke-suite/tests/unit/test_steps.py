from pipelines.training import evaluate, train

CUSTOMERS = [{"tickets": 0.0, "left": 0.0}, {"tickets": 6.0, "left": 1.0}]


def test_the_threshold_lies_between_those_who_stay_and_those_who_leave():
    assert train.entrypoint(CUSTOMERS) == 3.0


def test_accuracy_counts_right_answers():
    assert evaluate.entrypoint(CUSTOMERS, 3.0) == 1.0
    assert evaluate.entrypoint(CUSTOMERS, 7.0) == 0.5

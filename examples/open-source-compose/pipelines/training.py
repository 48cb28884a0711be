"""A model that says which customers are about to leave."""

from typing import Annotated

from zenml import pipeline, step


@step
def load(rows: int = 200) -> Annotated[list[dict[str, float]], "customers"]:
    return [{"tickets": float(n % 7), "left": float(n % 7 > 4)} for n in range(rows)]


@step
def train(customers: list[dict[str, float]]) -> Annotated[float, "threshold"]:
    """The mean number of tickets of those who left and of those who stayed, halfway."""
    means = []
    for left in (0.0, 1.0):
        tickets = [row["tickets"] for row in customers if row["left"] == left]
        means.append(sum(tickets) / max(1, len(tickets)))
    return sum(means) / 2


@step
def evaluate(customers: list[dict[str, float]], threshold: float) -> Annotated[float, "accuracy"]:
    right = sum((row["tickets"] > threshold) == bool(row["left"]) for row in customers)
    return right / max(1, len(customers))


@pipeline
def training(rows: int = 200) -> None:
    customers = load(rows=rows)
    evaluate(customers, train(customers))

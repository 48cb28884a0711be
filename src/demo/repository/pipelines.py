"""Three small pipelines of a team that predicts which customers leave."""

from typing import Annotated

from zenml import pipeline, step


@step
def load(rows: int = 200) -> Annotated[list[dict[str, float]], "customers"]:
    """Customers with the months they have stayed and the tickets they have opened."""
    return [
        {"months": float(n % 36), "tickets": float(n % 7), "left": float(n % 36 < n % 7)}
        for n in range(rows)
    ]


@step
def train(
    customers: list[dict[str, float]], threshold: float = 0.5
) -> Annotated[dict[str, float], "model"]:
    """The mean months of those who stayed and of those who left."""
    means = {}
    for name, left in (("stayed", 0.0), ("left", 1.0)):
        months = [row["months"] for row in customers if row["left"] == left]
        means[name] = sum(months) / max(1, len(months))
    return {**means, "threshold": threshold}


@step
def evaluate(
    customers: list[dict[str, float]], model: dict[str, float]
) -> Annotated[float, "accuracy"]:
    """Share of customers for whom the nearer mean is the right one."""
    right = 0
    for row in customers:
        leaves = abs(row["months"] - model["left"]) < abs(row["months"] - model["stayed"])
        right += leaves == bool(row["left"])
    return right / max(1, len(customers))


@step
def count(customers: list[dict[str, float]]) -> Annotated[dict[str, int], "summary"]:
    return {"customers": len(customers), "left": int(sum(row["left"] for row in customers))}


@pipeline
def training(rows: int = 200):
    customers = load(rows=rows)
    model = train(customers)
    evaluate(customers, model)


@pipeline
def scoring(rows: int = 50):
    customers = load(rows=rows)
    train(customers)


@pipeline
def weekly_report():
    count(load())

"""Turns an exception into text for a result: short, on one line, and without secret values."""

import re
import traceback

ERROR_LENGTH = 1000
TRACEBACK_LENGTH = 6000


def name_and_message(error):
    """The class and the message of an exception."""
    cause = error.__cause__
    # ZenML points at "the pydantic error above"; without that error the sentence helps nobody.
    detail = f" ({validation_problems(cause)})" if type(cause).__name__ == "ValidationError" else ""
    message = (
        validation_problems(error) if type(error).__name__ == "ValidationError" else one_line(error)
    )
    return f"{type(error).__name__}: {message}{detail}"[:ERROR_LENGTH]


def validation_problems(error):
    """The problems that pydantic found, without its links and without the values.

    A value may be a secret.
    """
    try:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems
        )
    except (AttributeError, TypeError, KeyError):
        return one_line(error)


def one_line(text):
    return " ".join(str(text).split())[:ERROR_LENGTH]


def traceback_tail(error):
    text = "".join(traceback.format_exception(error))
    # pydantic repeats the value that it refuses, which may be a secret.
    return re.sub(r"input_value=.*?, input_type=", "input_type=", text)[-TRACEBACK_LENGTH:]

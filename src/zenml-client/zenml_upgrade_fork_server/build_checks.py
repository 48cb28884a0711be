"""Checks before the first build: is there a container engine, and may it push?"""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswerInTime

from .container_engine import allows_plain_http, find_engine
from .live_server import select_stack_and_project
from .messages import name_and_message, one_line
from .push_permission import Denied, NoAnswer, Registry
from .registry_login import LoginBroken, LoginUnknown, login_for

# An engine that hangs answers never, in seconds.
ENGINE_TIMEOUT = 30


def check_builds(job, directory):
    """What ZenML would find out at the first build on a stack, without building anything."""
    try:
        engine, problem = within(ENGINE_TIMEOUT, find_engine), None
    except NoAnswerInTime:
        engine, problem = None, f"It did not answer within {ENGINE_TIMEOUT} s."
    except Exception as error:
        engine, problem = None, first_sentence(error)
    return {
        "engineProblem": problem,
        "pushes": [] if problem else check_pushes(job, directory, engine),
    }


def within(seconds, function):
    """The result of a function that may hang. What hangs ends with the process of the job."""
    return ThreadPoolExecutor(1).submit(function).result(seconds)


def first_sentence(error):
    """What ZenML says is wrong, without its list of causes."""
    return one_line(str(error).split(" There are three")[0])


def check_pushes(job, directory, engine):
    if not job["repositories"]:
        return []
    try:
        component = container_registry(job, directory)
    except Exception as error:
        detail = f"its stack cannot be read from the server: {name_and_message(error)}"
        return [answer(one, "not-asked", detail=detail) for one in job["repositories"]]
    return [check_push(one, component, engine) for one in job["repositories"]]


def container_registry(job, directory):
    """The component of the live stack, which knows its own login."""
    from zenml.client import Client
    from zenml.enums import StackComponentType
    from zenml.stack import StackComponent

    select_stack_and_project(job, directory)
    stack = Client().get_stack(job["stack"], allow_name_prefix_match=False)
    return StackComponent.from_model(stack.components[StackComponentType.CONTAINER_REGISTRY][0])


def check_push(repository, component, engine):
    from docker import auth

    login = None
    try:
        host, name = auth.resolve_repository_name(repository)
        login = login_for(component, host, engine)
        Registry(host, name, login, allows_plain_http(host, engine)).ask_to_push()
    except (Denied, LoginBroken) as error:
        return answer(repository, "denied", login, one_line(error))
    except (LoginUnknown, NoAnswer) as error:
        return answer(repository, "not-asked", login, one_line(error))
    except Exception as error:
        return answer(repository, "unreachable", login, name_and_message(error))
    return answer(repository, "allowed", login)


def answer(repository, verdict, login=None, detail=""):
    return {
        "repository": repository,
        "verdict": verdict,
        "login": login and login.source,
        "detail": detail,
    }

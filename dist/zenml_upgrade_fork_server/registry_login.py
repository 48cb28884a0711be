"""The login with which ZenML would push to a registry, and where it comes from."""

import contextlib
import os
from dataclasses import dataclass


class LoginUnknown(Exception):
    """The login cannot be read here; ZenML may be able to read it when it builds."""


class LoginBroken(Exception):
    """The login cannot be read, and ZenML cannot push either."""


@dataclass(frozen=True)
class Login:
    """Who pushes. Without a user or token the registry is asked as no one."""

    source: str
    user: str | None = None
    password: str | None = None
    identity_token: str | None = None


def login_for(component, host, engine):
    """The login of the stack's registry, else that of the container engine for its host."""
    try:
        credentials = component.credentials
    except Exception as error:
        raise LoginUnknown(f"{type(error).__name__} for its own login: {error}") from error
    if credentials:
        where = (
            f"the secret {component.config.authentication_secret}"
            if component.requires_authentication
            else "the service connector"
        )
        source = f"{where} of the container registry {component.name}"
        return Login(source, user=credentials[0], password=credentials[1])
    return engine_login(host, engine)


def engine_login(host, engine):
    from docker import auth
    from docker.errors import DockerException
    from docker.utils.config import find_config_file

    for path in (*podman_files(engine), find_config_file()):
        if path is None or not os.path.isfile(path):
            continue
        config = auth.load_config(path)
        helper = config.get_credential_store(host)
        try:
            found = config.resolve_authconfig(host)
        except DockerException as error:
            raise LoginBroken(f"docker-credential-{helper} of {path} failed: {error}") from error
        if found:
            return login_of(found, f"docker-credential-{helper}, named in" if helper else "", path)
    return Login("no login")


def login_of(found, helper, path):
    """docker-py spells what it read from a file and from a helper differently."""
    return Login(
        f"{helper} {path}".strip(),
        user=found.get("username") or found.get("Username"),
        password=found.get("password") or found.get("Password"),
        identity_token=found.get("IdentityToken"),
    )


def podman_files(engine):
    """Where `podman login` keeps logins, which Podman prefers to those of Docker."""
    if engine != "podman":
        return
    with contextlib.suppress(KeyError):
        yield os.environ["REGISTRY_AUTH_FILE"]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    yield (
        os.path.join(runtime, "containers", "auth.json")
        if runtime
        else f"/run/containers/{os.getuid()}/auth.json"
    )

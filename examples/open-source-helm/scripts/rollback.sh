#!/usr/bin/env bash
# Deploys PREVIOUS_VERSION, after zenml-upgrade has stopped the server and restored the database.
# Not `helm rollback`: a revision that was never deployed successfully is not what was there before.
set -euo pipefail
exec "$(dirname "$0")/release.sh" "${1:?which environment}" "${PREVIOUS_VERSION:?is set by zenml-upgrade}"

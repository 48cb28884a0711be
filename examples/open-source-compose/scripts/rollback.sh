#!/usr/bin/env bash
# Deploys PREVIOUS_VERSION, after zenml-upgrade has stopped the server and restored the database.
set -euo pipefail
environment=${1:?which environment: staging or production}
version=${PREVIOUS_VERSION:?is set by zenml-upgrade}

# Nothing is pulled when the image is still on this machine: going back must not need a registry.
exec "$(dirname "$0")/compose.sh" "$environment" "$version" up --detach --no-deps --pull missing --wait --wait-timeout 900 zenml

#!/usr/bin/env bash
# Deploys TARGET_VERSION. May be called again on a half-done deployment.
set -euo pipefail
environment=${1:?which environment: staging or production}
version=${TARGET_VERSION:?is set by zenml-upgrade}
compose=$(dirname "$0")/compose.sh

# An image that cannot be pulled is found while the old server still serves.
"$compose" "$environment" "$version" pull zenml
# The server alone: an upgrade never touches the database's container.
"$compose" "$environment" "$version" up --detach --no-deps --wait --wait-timeout 900 zenml

#!/usr/bin/env bash
# Deploys TARGET_VERSION. May be called again on a half-done deployment.
set -euo pipefail
exec "$(dirname "$0")/release.sh" "${1:?which environment}" "${TARGET_VERSION:?is set by zenml-upgrade}"

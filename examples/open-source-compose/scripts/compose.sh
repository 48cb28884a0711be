#!/usr/bin/env bash
# Runs Docker Compose for one environment with the server at one version: compose.sh <environment> <version> <arguments of compose>
set -euo pipefail
environment=${1:?which environment: staging or production}
export ZENML_VERSION=${2:?which version of ZenML}
shift 2
exec docker compose --project-name "zenml-$environment" --env-file "environments/$environment.env" --file compose.yaml "$@"

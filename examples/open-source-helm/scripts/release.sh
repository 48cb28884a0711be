#!/usr/bin/env bash
# Brings the Helm release of an environment to a version of ZenML. The other scripts call it.
set -euo pipefail
environment=${1:?which environment: staging or production}
version=${2:?which version of ZenML}
namespace=zenml-$environment
release=zenml
labels=app.kubernetes.io/name=zenml,app.kubernetes.io/instance=$release

# The chart deletes an old migration job before it starts its own. One that still runs, because the runner died under an
# earlier attempt, would be killed in the middle of the schema.
while true; do
  active=$(kubectl --namespace "$namespace" get jobs --selector "$labels" --output 'jsonpath={.items[*].status.active}')
  if [[ -z $active ]]; then break; fi
  echo "an earlier migration is still running in $namespace; waiting for it"
  sleep "${POLL_SECONDS:-10}"
done

# A Helm that was killed leaves its release pending for ever, and refuses every upgrade after that. Nobody else upgrades
# this release now: zenml-upgrade holds the lock of the server.
kubectl --namespace "$namespace" delete secrets --selector "owner=helm,name=$release,status in (pending-upgrade,pending-rollback)" --ignore-not-found

# --reset-then-reuse-values keeps what was set by hand, and takes the new chart's defaults for everything else;
# --reuse-values would keep the old chart's defaults as well. The chart's version is the server's version.
helm upgrade "$release" oci://public.ecr.aws/zenml/zenml \
  --version "$version" \
  --namespace "$namespace" \
  --reset-then-reuse-values --values "values/$environment.yaml" \
  --wait --timeout 15m

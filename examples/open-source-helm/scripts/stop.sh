#!/usr/bin/env bash
# Ends only when no pod of the release serves or writes any more: the database is restored next. The upgrade to the previous
# version makes the deployments again. Scaling to zero would not do: it is done before the pods have ended, an autoscaler may
# undo it, and a migration is a job.
set -euo pipefail
namespace=zenml-${1:?which environment: staging or production}
kubectl --namespace "$namespace" delete deployments,jobs \
  --selector app.kubernetes.io/name=zenml,app.kubernetes.io/instance=zenml \
  --cascade=foreground --wait --timeout 5m

#!/usr/bin/env bash
# Brings other repositories to this machine, and names their directory to the steps that follow. Reads the inputs of the command
# check-out-sources. Never fails the job: the command that needs a repository reports in its own result what could not be read.
set -euo pipefail
here=${BASH_SOURCE[0]%/*}
# shellcheck source-path=SCRIPTDIR source=tools.sh
. "$here/tools.sh"

node=$(find_node)
if [ -n "$node" ]; then
  code=0
  "$node" "$here/../../dist/main.cjs" check-out-sources || code=$?
  if [ "$code" = 130 ]; then exit 130; fi
fi
if [ -f "$INPUT_INTO/sources.json" ]; then echo "ZENML_UPGRADE_SOURCES_DIRECTORY=$INPUT_INTO" >> "$GITHUB_ENV"; fi

#!/usr/bin/env bash
# The step that does the work: run.sh <command>. The bundle takes the place of this process, so that its exit code is that of the
# step and signals reach it.
set -euo pipefail
here=${BASH_SOURCE[0]%/*}
# shellcheck source-path=SCRIPTDIR source=tools.sh
. "$here/tools.sh"

# Ends the action with the outputs that the bundle would have written.
refuse() {
  echo "::error::$1"
  printf '%s\n' 'outcome=failure' 'reason-code=preflight-failed' 'result=' "summary=$1" >> "$GITHUB_OUTPUT"
  exit 1
}

if [ "${RUNNER_OS:-}" = Windows ]; then refuse 'zenml-upgrade runs on Linux and macOS runners, and this one is Windows'; fi
node=$(find_node)
if [ -z "$node" ]; then refuse 'there is no Node 20.12 or newer on this runner, and actions/setup-node could not install one; put one on PATH'; fi

# For the bundle only: the job keeps its PATH. A Python that is missing is told by the commands that need one.
python=$(find_python)
if [ -n "$python" ] && [ "$python" != "$(command -v python3)" ]; then PATH=${python%/*}:$PATH; fi
exec "$node" "$here/../../dist/main.cjs" "$1"

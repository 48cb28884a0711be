#!/usr/bin/env bash
# Says whether this runner has a Node that fits.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=tools.sh
. "${BASH_SOURCE[0]%/*}/tools.sh"
if [ -z "$(find_node)" ]; then echo 'node=missing' >> "$GITHUB_OUTPUT"; fi

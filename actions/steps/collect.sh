#!/usr/bin/env bash
# Runs on every path after the work: gathers what this command wrote into the report directory, and nothing of other steps,
# for the upload. Reads REPORT_DIRECTORY and DIRECTORY, the folder that prepare.sh made.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=tools.sh
. "${BASH_SOURCE[0]%/*}/tools.sh"

if ! cd -- "$REPORT_DIRECTORY" 2> /dev/null; then
  echo "There is no report directory $REPORT_DIRECTORY: the command ended before it could write one."
  exit 0
fi

if ! takes_artifacts; then
  echo "::notice::GitHub Enterprise Server takes no artifacts from the current actions/upload-artifact; the report stays on the runner in $PWD"
  exit 0
fi

find . -type f -newer "$DIRECTORY.began" -print0 | while IFS= read -r -d '' file; do
  mkdir -p "$DIRECTORY/${file%/*}"
  cp "$file" "$DIRECTORY/$file"
done
if [ -n "$(ls "$DIRECTORY")" ]; then
  echo "directory=$DIRECTORY" >> "$GITHUB_OUTPUT"
else
  echo "Nothing new lies in $PWD: the command ended before it could write a result."
fi

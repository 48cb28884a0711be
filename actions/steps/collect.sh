#!/usr/bin/env bash
# Runs on every path after the work: gathers what this command wrote into the report directory, and nothing of other steps,
# for the upload. Reads REPORT_DIRECTORY and DIRECTORY, the folder that prepare.sh made.
set -euo pipefail

if ! cd -- "$REPORT_DIRECTORY" 2> /dev/null; then
  echo "There is no report directory $REPORT_DIRECTORY: the command ended before it could write one."
  exit 0
fi

# As the artifact client sees it: GitHub Enterprise Server is every other address.
case "${GITHUB_SERVER_URL:-https://github.com}" in
  https://github.com | https://*.ghe.com) ;;
  *)
    echo "::notice::GitHub Enterprise Server takes no artifacts from the current actions/upload-artifact; the report stays on the runner in $PWD"
    exit 0
    ;;
esac

find . -type f -newer "$DIRECTORY.began" -print0 | while IFS= read -r -d '' file; do
  mkdir -p "$DIRECTORY/${file%/*}"
  cp "$file" "$DIRECTORY/$file"
done
if [ -n "$(ls "$DIRECTORY")" ]; then
  echo "directory=$DIRECTORY" >> "$GITHUB_OUTPUT"
else
  echo "Nothing new lies in $PWD: the command ended before it could write a result."
fi

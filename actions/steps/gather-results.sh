#!/usr/bin/env bash
# Copies the results in the downloaded artifacts into one report directory. Reads FROM, INTO, and DOWNLOAD, the outcome of the
# download.
# It never fails the job: what is missing here is read from the record.
set -uo pipefail
complete=true
if [ "$DOWNLOAD" != success ]; then complete=false; fi

copy() {
  cp -R "$1" "$INTO/" || complete=false
}

mkdir -p "$INTO" || complete=false
shopt -s nullglob
# Of several artifacts each has a directory with its name. The files of a single one lie in FROM itself.
for entry in "$FROM"/*; do
  case ${entry##*/} in
    zenml-upgrade-*-[0-9]*) ;;
    *) copy "$entry" ;;
  esac
done
# The name ends with the attempt. After "Re-run failed jobs" the results of the other jobs are those of the attempt before.
for attempt in $(seq 1 "$GITHUB_RUN_ATTEMPT"); do
  for artifact in "$FROM"/zenml-upgrade-*-"$attempt"; do copy "$artifact/."; done
done
# A second call in the same job starts with nothing.
rm -rf "$FROM"

if [ "$complete" = false ]; then
  echo '::warning title=Results of earlier jobs::Some results of the earlier jobs of this run could not be downloaded. The record is used instead, so the report may lack details. They are in the logs of those jobs; to download the results again, re-run this job.'
fi
exit 0

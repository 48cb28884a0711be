#!/usr/bin/env bash
# First step of every action. Tells which tools are missing, what the artifact is called, and where its files are gathered.
# Reads COMMAND, ENVIRONMENT, STEP, SHARD, CONFIG.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=tools.sh
. "${BASH_SOURCE[0]%/*}/tools.sh"

node=$(find_node)
python=$(find_python)
case "$COMMAND" in
  promote | plan | report | check-stacks | check-out-sources | acknowledge | init) python=${python:-not needed} ;;
esac

# The key of a configuration file other than the default, as in the names of result files (src/result/result-file.ts).
file=${CONFIG#./}
key=
if [ "${file:-zenml-upgrade.yml}" != zenml-upgrade.yml ]; then
  key=$(printf '%s' "$file" | { sha256sum 2> /dev/null || shasum -a 256; })
  key=${key:0:8}
fi

name=zenml-upgrade
for part in "$ENVIRONMENT" "$COMMAND" "$STEP" "${SHARD/\//-of-}" "$key"; do
  if [ -n "$part" ]; then name+=-$part; fi
done
# What an artifact may not be called is never a valid input either, but its result is uploaded all the same.
name=${name//[!A-Za-z0-9._-]/-}
attempt=${GITHUB_RUN_ATTEMPT:-1}

# An artifact of the run may have that name already: an earlier step, another job, another leg of a matrix.
# The letter sorts it behind the name that was taken, so that the later result replaces the earlier one.
unique=$name-z$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')-$attempt
name=$name-$attempt
mkdir -p "$RUNNER_TEMP/zenml-upgrade"
mkdir "$RUNNER_TEMP/zenml-upgrade/$name" 2> /dev/null || name=$unique
directory=$RUNNER_TEMP/zenml-upgrade/$name
mkdir -p "$directory"
# What is newer than this file was written by this command.
touch "$directory.began"

{
  if [ -z "$node" ]; then echo 'node=missing'; fi
  if [ -z "$python" ]; then echo 'python=missing'; fi
  echo "artifact=$name"
  if takes_artifacts; then echo "report-artifact=$name"; fi
  echo "another-name=$unique"
  echo "directory=$directory"
} >> "$GITHUB_OUTPUT"

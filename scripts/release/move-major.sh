#!/usr/bin/env bash
# Moves the major tag to a released commit, unless a newer release has it: move-major.sh <tag> <commit>
set -euo pipefail
tag=${1:?which tag}
commit=${2:?which commit}

released=$(gh release list --limit 1000 --exclude-drafts --json tagName --jq '.[].tagName')
major=$(node "$(dirname "$0")/main.mjs" major "$tag" <<< "$released")
if [[ -z $major ]]; then
  echo "no tag is moved: $tag is a prerelease, or a newer release has the tag"
elif gh api "repos/{owner}/{repo}/git/ref/tags/$major" --silent; then
  gh api --method PATCH "repos/{owner}/{repo}/git/refs/tags/$major" --raw-field "sha=$commit" --field force=true --silent
else
  gh api --method POST "repos/{owner}/{repo}/git/refs" --raw-field "ref=refs/tags/$major" --raw-field "sha=$commit" --silent
fi

#!/usr/bin/env bash
# Publishes the release of a tag with its files: publish.sh <tag> <file>… May be called again after it failed.
set -euo pipefail
tag=${1:?which tag}
shift

# A draft is what an earlier attempt left; nobody has seen it.
draft=$(gh release view "$tag" --json isDraft --jq .isDraft || true)
if [[ $draft == true ]]; then gh release delete "$tag" --yes; fi

if [[ $draft != false ]]; then
  notes=$(mktemp)
  node "$(dirname "$0")/main.mjs" notes "$tag" > "$notes"
  flags=()
  if [[ $tag == *-* ]]; then flags+=(--prerelease); fi
  # A published release takes no more files, so the draft gets all of them first.
  gh release create "$tag" --draft --verify-tag --title "$tag" --notes-file "$notes" "${flags[@]}" "$@"
  gh release edit "$tag" --draft=false
fi

if [[ $(gh release view "$tag" --json isImmutable --jq .isImmutable) != true ]]; then
  echo "::error::the release $tag can still be changed: switch on immutable releases in the settings of the repository"
  exit 1
fi

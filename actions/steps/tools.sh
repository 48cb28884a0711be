# shellcheck shell=bash
# Sourced by the steps: where Node and Python are, and where artifacts go. Works with the bash 3.2 of macOS too.

fits_node() {
  # Node judges itself; 20.12 is what package.json asks for.
  "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 12) ? 0 : 1)' > /dev/null 2>&1
}

fits_python() {
  # The versions that some release of ZenML runs on.
  "$1" -I -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))' > /dev/null 2>&1
}

# in_tool_cache <tool> <program> <fits>: the newest version in the runner's tool cache that fits. Hosted runners have one.
in_tool_cache() {
  local tool=$1 program=$2 fits=$3 architecture version
  architecture=$(printf '%s' "${RUNNER_ARCH:-}" | tr '[:upper:]' '[:lower:]')
  if [ -z "${RUNNER_TOOL_CACHE:-}" ] || [ -z "$architecture" ]; then return 1; fi
  while IFS= read -r version; do
    # Without the marker it is being unpacked, or never was completely.
    if [ -e "$version/$architecture.complete" ] && "$fits" "$version/$architecture/$program"; then
      printf '%s\n' "$version/$architecture/$program"
      return 0
    fi
  done < <(printf '%s\n' "$RUNNER_TOOL_CACHE/$tool"/* | sort -rV)
  return 1
}

# The path of a Node or Python to use, or nothing.
find_node() {
  local node
  if node=$(command -v node) && fits_node "$node"; then printf '%s\n' "$node"; else in_tool_cache node bin/node fits_node || true; fi
}

find_python() {
  local python
  if python=$(command -v python3) && fits_python "$python"; then printf '%s\n' "$python"; else in_tool_cache Python bin/python3 fits_python || true; fi
}

# Whether the current actions/upload-artifact runs here: it refuses GitHub Enterprise Server, which is every other address.
takes_artifacts() {
  case "${GITHUB_SERVER_URL:-https://github.com}" in
    https://github.com | https://*.ghe.com) ;;
    *) return 1 ;;
  esac
}

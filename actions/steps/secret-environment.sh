#!/usr/bin/env bash
# Puts the lines of a dotenv secret into the environment of the steps that follow, and masks their values. Reads SECRET_NAME,
# SECRET_LINES, and CONFIG, the path of the configuration file. Adds the names of the variables to ZENML_UPGRADE_SECRET_NAMES: the
# runner masks its log only, and what else is written must not contain the values either.
set -euo pipefail

refuse() {
  echo "::error title=$SECRET_NAME::$1"
  exit 1
}

# What jobs hand to each other is made of these reason codes and of names in the configuration file. GitHub drops an output that
# contains a masked value.
public=$(cat "${BASH_SOURCE[0]%/*}/output-words.txt")
if [ -f "$CONFIG" ]; then public+=$'\n'$(cat "$CONFIG"); fi

number_or_boolean='^([-+]?[0-9]+(\.[0-9]+)?|[Tt]rue|TRUE|[Ff]alse|FALSE)$'

# mask <name> <value>: a mask of a short or common value would hide harmless parts of the log. src/runtime/redaction.ts follows the
# same rule.
mask() {
  if [ ${#2} -lt 4 ] || [[ $2 =~ $number_or_boolean ]] || [[ $2 =~ ^[[:space:]]*$ ]]; then return; fi
  if [[ $public == *"$2"* ]]; then
    echo "::warning title=$SECRET_NAME::The value of $1 is not masked in the log: it is part of $CONFIG or of a reason code, and GitHub drops an output that contains a masked value. If it is a secret, replace it by one that occurs in neither."
  else
    echo "::add-mask::${2//%/%25}"
  fi
}

line_pattern='^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$'
names=${ZENML_UPGRADE_SECRET_NAMES:-}
number=0
while IFS= read -r line || [ -n "$line" ]; do
  number=$((number + 1))
  line=${line%$'\r'}
  if [[ $line =~ ^[[:space:]]*(#.*)?$ ]]; then continue; fi
  if ! [[ $line =~ $line_pattern ]]; then
    refuse "Line $number of the secret $SECRET_NAME is not NAME=value. Write lines as in a .env file, each with one name and a value that fills one line."
  fi
  name=${BASH_REMATCH[2]}
  value=${BASH_REMATCH[3]}
  # Later steps would lose what the runner gave them: it drops NODE_OPTIONS itself, and sets most of the others anew.
  case $(printf '%s' "$name" | tr '[:lower:]' '[:upper:]') in
    ACTIONS_* | GITHUB_* | INPUT_* | RUNNER_* | NODE_OPTIONS | PATH | ZENML_UPGRADE_SECRET_NAMES)
      refuse "Line $number of the secret $SECRET_NAME sets $name, which belongs to the runner or to this action. Remove the line; the action .github/actions/zenml-upgrade-setup can change PATH, and an input of zenml-upgrade is spelled ZENML_UPGRADE_<NAME>."
      ;;
  esac
  if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value=${BASH_REMATCH[1]}; fi
  mask "$name" "$value"
  printf '%s=%s\n' "$name" "$value" >> "$GITHUB_ENV"
  names+=" $name"
done <<< "$SECRET_LINES"
if [ -n "$names" ]; then printf 'ZENML_UPGRADE_SECRET_NAMES=%s\n' "${names# }" >> "$GITHUB_ENV"; fi

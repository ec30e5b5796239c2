#!/bin/sh
# Reads secrets that lie in files: SEKTOR_X_FILE=/run/secrets/x becomes SEKTOR_X. Then the program takes this process's place.
set -eu
for name in $(env | sed -n 's/^\(\(SEKTOR\|HF\|RUNPOD\)_[A-Z0-9_]*\)_FILE=.*/\1/p'); do
  eval "file=\${${name}_FILE}"
  if [ ! -r "$file" ]; then
    echo "${name}_FILE: $file cannot be read." >&2
    exit 78
  fi
  # Without the line's end.
  value="$(cat "$file")"
  export "$name=$value"
  unset "${name}_FILE"
done
exec "$@"

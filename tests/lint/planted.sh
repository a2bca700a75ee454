#!/usr/bin/env bash
# planted.sh ROOT: every planted fault still applies to the source it names (a header would not be replaced), and its first
# line tells what it breaks.
set -euo pipefail
cd "$1"
failed=0
for patch in tests/planted/*.patch; do
  if ! head -n 1 "$patch" | grep -qE '^# I[0-9]+(, I[0-9]+)*: .+'; then
    printf '%s: the first line is "# I7: what it breaks"\n' "$patch" >&2
    failed=1
  fi
  if ! grep -qE '^\+\+\+ b/.*\.cpp$' "$patch"; then
    printf '%s: changes no .cpp\n' "$patch" >&2
    failed=1
  fi
  git apply --check "$patch" || failed=1
done
exit $failed

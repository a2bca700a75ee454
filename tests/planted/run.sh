#!/usr/bin/env bash
# Builds one fault of this folder in after the other (build/planted, in the manner of the dev preset) and tells which tests
# catch it: the unit tests, and where these hold, or with --both, the simulation. Fails when one is missed or does not build.
# Usage: run.sh [--seeds N] [--both] [NAME...]
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
seeds=200
both=no
while [[ "${1:-}" = --* ]]; do
  case $1 in
    --seeds) seeds=$2; shift ;;
    --both) both=yes ;;
    *) printf 'planted: no option %s\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
if [ $# -gt 0 ]; then
  names=("$@")
else
  mapfile -t names < <(basename -s .patch tests/planted/*.patch)
fi
bin=build/planted/bin

# build NAME TARGET: tells when it does not build.
build() {
  local log
  log=$(cmake --preset dev -B build/planted -D HUBSYNC_PLANTED="$1" 2>&1 &&
    cmake --build build/planted --target "$2" 2>&1) && return
  printf '%s\n  does not build\n' "$(printf '%s\n' "$log" | tail -n 20)"
  return 1
}

# The names of up to three unit tests that fail; a program that dies or hangs has failed too.
by_unit_tests() {
  local output code
  output=$(timeout 180 "$bin/unit_tests" --no-colors 2>&1)
  code=$?
  [ $code = 0 ] && return
  printf '%s\n' "$output" | sed -n 's/^TEST CASE:  \(.*\)/"\1"/p' | awk '!seen[$0]++' | head -3 |
    paste -sd ';' | sed "s/;/; /g; s/^\$/the program ended with code $code/"
}

# The first seed that fails, and the oracle that says so.
by_simulation() {
  local output
  output=$(timeout 300 "$bin/sim_tests" --seeds "$seeds" 2>&1) && return
  printf '%s\n' "$output" | grep -a -E -m 1 '^seed [0-9]+:|died in seed' || printf 'no answer in time\n'
}

caught=0
missed=0
for name in "${names[@]}"; do
  printf '%s\n' "$name"
  unit='' simulation='' built=no
  if build "$name" unit_tests; then
    unit=$(by_unit_tests)
    if [ -n "$unit" ] && [ $both = no ]; then
      simulation='not asked'
    elif build "$name" sim_tests; then
      simulation=$(by_simulation)
    fi
    built=yes
  fi
  if [ -n "$unit$simulation" ]; then caught=$((caught + 1)); else missed=$((missed + 1)); fi
  [ $built = no ] || printf '  unit tests: %s\n  simulation: %s\n' "${unit:-held}" "${simulation:-held}"
done
printf '%s planted faults caught, %s missed\n' "$caught" "$missed"
[ "$missed" = 0 ]

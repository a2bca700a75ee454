#!/usr/bin/env bash
# Builds one fault of this folder in after the other (build/planted, in the manner of the dev preset) and tells which tests
# catch it: the unit tests, then the simulation. Fails when one is missed or does not build.
# Usage: run.sh [--seeds N] [NAME...]
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
seeds=200
if [ "${1:-}" = --seeds ]; then
  seeds=$2
  shift 2
fi
if [ $# -gt 0 ]; then
  names=("$@")
else
  mapfile -t names < <(basename -s .patch tests/planted/*.patch)
fi
bin=build/planted/bin

build_with() {
  cmake --preset dev -B build/planted -D HUBSYNC_PLANTED="$1" &&
    cmake --build build/planted --target unit_tests sim_tests
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
  if ! log=$(build_with "$name" 2>&1); then
    printf '%s\n  does not build\n' "$(printf '%s\n' "$log" | tail -n 20)"
    missed=$((missed + 1))
    continue
  fi
  unit=$(by_unit_tests)
  simulation=$(by_simulation)
  if [ -n "$unit$simulation" ]; then caught=$((caught + 1)); else missed=$((missed + 1)); fi
  printf '  unit tests: %s\n  simulation: %s\n' "${unit:-held}" "${simulation:-held}"
done
printf '%s planted faults caught, %s missed\n' "$caught" "$missed"
[ "$missed" = 0 ]

#!/usr/bin/env bash
# Fuzzes the parsers of what comes from outside, one after the other, under ASan and UBSan.
# usage: run.sh [SECONDS] [TARGET...]; 60 seconds each of: http signature events replies config.
# New inputs go to build/fuzz/corpus/TARGET; one that aborts is kept as build/fuzz/crash-TARGET-*. Fix it with a unit
# test, then add the input to tests/fuzz/corpus/TARGET, which CTest replays.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(http signature events replies config)
for target in "${targets[@]}"; do
  [ -f "tests/fuzz/$target.cpp" ] && [ -d "tests/fuzz/corpus/$target" ] || { echo "fuzz: no target \"$target\"" >&2; exit 2; }
done

programs=("${targets[@]/#/fuzz_}")
cmake --preset fuzz
cmake --build --preset fuzz --target "${programs[@]}"

export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19
failed=0
for target in "${targets[@]}"; do
  found=build/fuzz/corpus/$target
  mkdir -p "$found"
  options=(-max_total_time="$seconds" -max_len=65536 -timeout=60 -rss_limit_mb=1024 -print_final_stats=1
    -use_value_profile=1 -artifact_prefix="build/fuzz/crash-$target-")
  [ ! -f "tests/fuzz/$target.dict" ] || options+=(-dict="tests/fuzz/$target.dict")
  echo "+ build/fuzz/bin/fuzz_$target ${options[*]} $found tests/fuzz/corpus/$target" >&2
  log=build/fuzz/$target.log
  if "build/fuzz/bin/fuzz_$target" "${options[@]}" "$found" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    outcome='nothing found'
  else
    outcome="FAILED, see $log"
    failed=1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  covered=$(grep -aoE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$log" | tail -n 1)
  echo "$target: ${runs:-?} runs in $seconds s, ${covered:-no coverage}: $outcome"
done
exit $failed

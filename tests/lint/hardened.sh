#!/usr/bin/env bash
# hardened.sh PROGRAM...: fails unless each was linked as a release should be: position-independent, read-only relocations
# bound at start, no executable stack, stack protector, fortified libc calls, the library's assertions on.
set -euo pipefail

failed=0
complain() { echo "$1: $2"; failed=1; }

for program in "$@"; do
  [ -x "$program" ] || { complain "$program" "is not there"; continue; }
  headers=$(llvm-readelf-19 --file-header --program-headers --dynamic --wide "$program")
  symbols=$(llvm-readelf-19 --dyn-syms --wide "$program")
  grep -qE 'Type: +DYN' <<<"$headers" || complain "$program" "is no position-independent executable"
  grep -q GNU_RELRO <<<"$headers" || complain "$program" "has no read-only relocations"
  grep -qE 'BIND_NOW|Flags: .*NOW' <<<"$headers" || complain "$program" "binds its relocations late"
  grep -qE 'GNU_STACK.* RW +0' <<<"$headers" || complain "$program" "has an executable stack"
  grep -q __stack_chk_fail <<<"$symbols" || complain "$program" "has no stack protector"
  grep -qE '__(memcpy|memset|memmove|read|snprintf|printf|fprintf|vsnprintf)_chk' <<<"$symbols" ||
    complain "$program" "calls no fortified function"
  grep -q __glibcxx_assert_fail <<<"$symbols" || complain "$program" "has the library's assertions off"
done
exit $failed

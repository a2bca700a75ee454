#!/usr/bin/env bash
# The benchmarks behind `./dev bench`: hubsync beside what it would be compared with, in turns, so that only their
# ratio counts; and what must hold under load. usage: run.sh BIN_DIR [PART...]; parts: pull, ingest, flood, burst.
# Each part is a script of its own, whose head says what can be set. Needs nodejs, npm, redis-server, curl and jq.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
bin=$(readlink -f "${1:-$here/../../build/release/bin}")
shift || true
[ $# -gt 0 ] || set -- pull ingest flood burst
for part in "$@"; do
  [ "$part" != common ] && [ "$part" != run ] && [ -f "$here/$part.sh" ] ||
    { echo "bench: no part \"$part\"" >&2; exit 2; }
done
for part in "$@"; do
  bash "$here/$part.sh" "$bin"
done

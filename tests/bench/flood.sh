#!/usr/bin/env bash
# A flood of unsigned webhook requests: memory of the daemon, and how long `hubsync status` takes meanwhile.
# usage: flood.sh [BIN_DIR]. Environment: FLOOD_SECONDS (60), RATE (10000 requests/s).
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/common.sh" "$@"

seconds=${FLOOD_SECONDS:-60}
rate=${RATE:-10000}

start_sim --contacts 1000 --companies 10 --no-limits
port=$(free_port)
start_daemon "127.0.0.1:$port"

# ask FILE: the milliseconds that `hubsync status` takes, as one more line.
ask() {
  local before=${EPOCHREALTIME/./}
  hubsync --quiet status >/dev/null || true
  echo $(((${EPOCHREALTIME/./} - before) / 1000)) >>"$1"
  sleep 0.2
}
show() {
  sort -n "$2" | awk -v when="$1" '{v[NR] = $1} END {printf "hubsync status %s, %d times: %d ms in the middle, %d ms p99, %d ms at most",
    when, NR, v[int((NR + 1) / 2)], v[int((NR * 99 + 99) / 100)], v[NR]}'
}

for _ in $(seq 20); do ask "$dir/before"; done
echo "unsigned webhooks at $rate requests/s for $seconds s"
begin load "$bin/webhook_load" "$port" "$hook" connections=32 events=1 "seconds=$seconds" "rate=$rate"
sleep 1
while kill -0 "${pids[load]}" 2>/dev/null; do ask "$dir/during"; done
echo "  $(cat "$dir/load.log")"
echo "$(show before "$dir/before")"
echo "$(show 'in the flood' "$dir/during") (goal: at most 50)"
awk -v kib="$(memory VmHWM)" 'BEGIN {printf "peak RSS: %.1f MiB (goal: at most 128)\n", kib / 1024}'

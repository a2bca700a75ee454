#!/usr/bin/env bash
# Webhooks in: hubsync beside Express, Bull and Redis (append-only file, synced always), both durable before the 200 and
# with their worker running. usage: ingest.sh [BIN_DIR]. Environment: SECONDS_EACH (8), ROUNDS (3), CONNECTIONS (10, what
# HubSpot has under way).
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/common.sh" "$@"

seconds=${SECONDS_EACH:-8}
rounds=${ROUNDS:-3}
connections=${CONNECTIONS:-10}

# measure PORT EVENTS [OPTION...]: prints the JSON line of webhook_load.
measure() {
  "$bin/webhook_load" "$1" "$hook" secret=$secret "events=$2" "seconds=$seconds" "connections=$connections" \
    first_id=101 ids=1000 "${@:3}"
}

ours() {
  local port
  port=$(free_port)
  start_daemon "127.0.0.1:$port"
  measure "$port" "$@"
  end hubsyncd
}

theirs() {
  local redis
  redis=$(free_port)
  rm -rf "$dir/redis"
  mkdir "$dir/redis"
  begin redis redis-server --port "$redis" --bind 127.0.0.1 --dir "$dir/redis" --save '' --appendonly yes --appendfsync always
  until_true redis-cli -p "$redis" ping >/dev/null
  begin receiver node ingest/receiver.js "$redis" "$hook" "$secret"
  begin worker node ingest/worker.js "$redis"
  until_true grep -q '^listening on ' "$dir/receiver.log"
  measure "$(sed -n 's/^listening on //p' "$dir/receiver.log")" "$1"
  end receiver
  end worker
  end redis
}

# compare EVENTS MEMBER GOAL
compare() {
  local events=$1 member=$2 goal=$3 round
  for round in $(seq "$rounds"); do
    ours "$events" >"$dir/ours.$events.$round"
    theirs "$events" >"$dir/theirs.$events.$round"
    echo "  round $round   hubsync $(cat "$dir/ours.$events.$round")"
    echo "            bull    $(cat "$dir/theirs.$events.$round")"
  done
  local mine other
  mine=$(jq ".$member" "$dir/ours.$events".* | median)
  other=$(jq ".$member" "$dir/theirs.$events".* | median)
  echo "$member: $mine beside $other, ratio $(awk -v a="$mine" -v b="$other" 'BEGIN {printf "%.2f", a / b}') (goal: $goal);" \
    "p99 of the answer: $(jq .p99ms "$dir/ours.$events".* | median) ms"
  # All that it can take is no load to live with: this is what its users would see.
  local rate
  rate=$(awk -v other="$other" -v goal="$goal" -v events="$events" -v member="$member" \
    'BEGIN {printf "%d", goal * other / (member == "eventsPerSecond" ? events : 1) + 1}')
  echo "  at $goal × its rate, $rate requests/s: p99 $(ours "$events" "rate=$rate" | jq .p99ms) ms (goal: at most 100)"
}

node_modules ingest
start_sim --contacts 1000 --companies 10 --no-limits
echo "webhooks of 100 events, $connections connections, $rounds rounds of $seconds s in turns"
compare 100 eventsPerSecond 2
echo "webhooks of one event"
compare 1 requestsPerSecond 4

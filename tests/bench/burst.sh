#!/usr/bin/env bash
# Webhooks of the simulator: a burst of 100,000 events on 20,000 records, and how long an edit takes to get here.
# usage: burst.sh [BIN_DIR]. Environment: BURST_RECORDS (20000), LATENCY_SECONDS (30), EDITS_PER_SECOND (50).
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/common.sh" "$@"

records=${BURST_RECORDS:-20000}
node_admin() { curl -sS --fail-with-body -X "$1" "$url/_sim/$2" ${3:+-d "$3"}; }

# start_both OPTION...: the simulator, which sends webhooks, and the daemon with all its records.
start_both() {
  local port
  port=$(free_port)
  start_sim --no-limits --webhook-url "http://127.0.0.1:$port$hook" --webhook-secret "$secret" "$@"
  start_daemon "127.0.0.1:$port"
  hubsync --quiet sync --full --wait --timeout 10m
}

# values: HubSpot id and first name of every contact here.
here() {
  local after='' page
  while :; do
    page=$(curl -sS --fail --unix-socket "$socket" "http://localhost/api/contacts?limit=500&after=$after")
    jq -r '.items[] | "\(.hubspotId) \(.firstName)"' <<<"$page"
    after=$(jq -r '.next // empty' <<<"$page")
    [ -n "$after" ] || break
  done
}

there() { curl -sS --fail "$url/_sim/dump/contacts" | jq -r 'select(.archived | not) | "\(.id) \(.properties.firstname)"'; }

is_quiet() {
  [ "$(hubsync --json status | jq '.webhooks.backlog')" = 0 ] && [ "$(node_admin GET counters | jq '.webhooks.waiting // 0')" = 0 ]
}

burst() {
  start_both --contacts "$records" --companies 10
  node_admin DELETE counters >/dev/null
  local begun=$EPOCHREALTIME round
  for round in 1 2 3 4 5; do
    node_admin POST objects/contacts/bulk-edit "{\"count\":$records,\"properties\":{\"firstname\":\"Burst $round of {n}\"}}" >/dev/null
  done
  until_true has_arrived $((records * 5))
  until_true is_quiet
  local took
  took=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}')
  node_admin GET counters >"$dir/counters"
  local differ
  differ=$(diff <(here | sort) <(there | sort) | grep -c '^[<>]' || true)
  echo "burst of $((records * 5)) events on $records records: $(jq '[.calls | to_entries[] | .value.calls] | add' "$dir/counters") calls" \
    "(goal: at most 205), $differ differences (goal: 0), $took s"
  jq -c '[.calls | to_entries[] | select(.value.calls > 0) | {(.key): .value.calls}] | add' "$dir/counters"
  end hubsyncd
  end sim
}

has_arrived() { [ "$(hubsync --json status | jq '.webhooks.received')" -ge "$1" ]; }

latency() {
  start_both --contacts 250 --companies 10 --latency 200ms
  echo "edits in the simulator, ${EDITS_PER_SECOND:-50} a second, 200 ms for each call: until they are here"
  node latency.js "$url" "$socket" "${EDITS_PER_SECOND:-50}" "${LATENCY_SECONDS:-30}"
  end hubsyncd
  end sim
}

burst
latency

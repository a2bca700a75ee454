#!/usr/bin/env bash
# The benchmarks behind `./dev bench`: hubsync beside what it would be compared with, in turns, so that only their
# ratio counts. usage: run.sh [BIN_DIR]. Environment: RECORDS (100000), ROUNDS (3). Needs nodejs, npm, curl and jq.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

bin=$(readlink -f "${1:-../../build/release/bin}")
records=${RECORDS:-100000}
rounds=${ROUNDS:-3}
unset HUBSPOT_ACCESS_TOKEN HUBSPOT_WEBHOOK_SECRET HUBSPOT_BASE_URL PORT HUBSYNC_CONFIG HUBSYNC_DB HUBSYNC_LOG_LEVEL

umask 077
dir=$(mktemp -d /tmp/hubsync-bench.XXXXXX)
sim_pid='' daemon_pid=''
end() {
  local pid=$1
  [ -n "$pid" ] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}
finish() {
  local code=$?
  end "$daemon_pid"
  end "$sim_pid"
  rm -rf "$dir"
  exit $code
}
trap finish EXIT

until_true() {
  local deadline=$((SECONDS + 120))
  until "$@" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] || { echo "bench: waited in vain for: $*" >&2; return 1; }
    sleep 0.1
  done
}

# start_sim CONTACTS: sets `url`.
start_sim() {
  "$bin/hubspot-sim" --port 0 --contacts "$1" --companies 1000 --token T --no-limits >"$dir/sim.log" 2>&1 &
  sim_pid=$!
  until_true grep -q '^listening on ' "$dir/sim.log"
  url=$(sed -n 's/^listening on //p' "$dir/sim.log")
}

# pull_hubsync: one full pull of contacts into a new database; prints "SECONDS PEAK_RSS_KIB RECORDS".
pull_hubsync() {
  local socket=$dir/control.sock
  rm -f "$dir"/hubsync.db*
  cat >"$dir/hubsync.toml" <<TOML
[hubspot]
base_url = "$url"
[rate_limit]
requests = 1000
interval = "1s"
search_per_second = 100
daily = 100000000
[sync]
full_interval = "0"
[store]
path = "$dir/hubsync.db"
[control]
socket = "$socket"
[webhooks]
listen = ""
TOML
  HUBSPOT_ACCESS_TOKEN=T "$bin/hubsyncd" --config "$dir/hubsync.toml" >"$dir/hubsyncd.log" 2>&1 &
  daemon_pid=$!
  until_true "$bin/hubsync" --socket "$socket" --quiet wait --timeout 60s
  local run
  run=$("$bin/hubsync" --socket "$socket" --json sync contacts --full --wait --timeout 10m)
  local rss
  rss=$(awk '/VmHWM/ {print $2}' "/proc/$daemon_pid/status")
  # Both stamps have milliseconds; jq's fromdate takes whole seconds only.
  jq -r --arg rss "$rss" 'def ms: (.[0:19] + "Z" | fromdate) + (.[20:23] | tonumber) / 1000;
    "\((.finishedAt | ms) - (.startedAt | ms)) \($rss) \(.counts.fromHubspot.created)"' <<<"$run"
  end "$daemon_pid"
  daemon_pid=''
}

pull_node() {
  rm -f "$dir"/node.db*
  node pull/pull.js "$url" "$dir/node.db" | jq -r '"\(.seconds) \(.rssKiB) \(.records)"'
}

median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

(cd pull && [ -d node_modules ] || npm install --no-audit --no-fund --loglevel=error)

echo "full pull of $records contacts, limits off, $rounds rounds in turns: seconds, peak RSS in KiB, records"
start_sim "$records"
for round in $(seq "$rounds"); do
  ours=$(pull_hubsync)
  theirs=$(pull_node)
  echo "  round $round   hubsync $ours   @hubspot/api-client $theirs"
  echo "${ours%% *}" >>"$dir/ours"
  echo "${theirs%% *}" >>"$dir/theirs"
  echo "$ours" | awk '{print $2}' >>"$dir/rss"
done
end "$sim_pid"
sim_pid=''
start_sim $((records * 3))
triple=$(pull_hubsync)
echo "  3 × as many   hubsync $triple"
ratio=$(awk -v ours="$(median <"$dir/ours")" -v theirs="$(median <"$dir/theirs")" 'BEGIN {printf "%.2f", theirs / ours}')
echo "ratio of records/s: $ratio (goal: 2.5)"
awk -v one="$(median <"$dir/rss")" -v three="$(echo "$triple" | awk '{print $2}')" \
  'BEGIN {printf "peak RSS: %.1f MiB at once, %.1f MiB with three times the records (goal: at most 64, flat)\n", one / 1024, three / 1024}'

#!/usr/bin/env bash
# A full pull: records/s beside HubSpot's own client, and memory. usage: pull.sh [BIN_DIR].
# Environment: RECORDS (100000), ROUNDS (3).
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/common.sh" "$@"

records=${RECORDS:-100000}
rounds=${ROUNDS:-3}

# pull_hubsync: one full pull of contacts into a new database; prints "SECONDS PEAK_RSS_KIB RECORDS".
pull_hubsync() {
  start_daemon
  local run
  run=$(hubsync --json sync contacts --full --wait --timeout 10m)
  local rss
  rss=$(memory VmHWM)
  # Both stamps have milliseconds; jq's fromdate takes whole seconds only.
  jq -r --arg rss "$rss" 'def ms: (.[0:19] + "Z" | fromdate) + (.[20:23] | tonumber) / 1000;
    "\((.finishedAt | ms) - (.startedAt | ms)) \($rss) \(.counts.fromHubspot.created)"' <<<"$run"
  end hubsyncd
}

pull_node() {
  rm -f "$dir"/node.db*
  node pull/pull.js "$url" "$dir/node.db" | jq -r '"\(.seconds) \(.rssKiB) \(.records)"'
}

node_modules pull

echo "full pull of $records contacts, limits off, $rounds rounds in turns: seconds, peak RSS in KiB, records"
start_sim --contacts "$records" --companies 1000 --no-limits
for round in $(seq "$rounds"); do
  ours=$(pull_hubsync)
  theirs=$(pull_node)
  echo "  round $round   hubsync $ours   @hubspot/api-client $theirs"
  echo "${ours%% *}" >>"$dir/ours"
  echo "${theirs%% *}" >>"$dir/theirs"
  echo "$ours" | awk '{print $2}' >>"$dir/rss"
done
end sim
start_sim --contacts $((records * 3)) --companies 1000 --no-limits
triple=$(pull_hubsync)
echo "  3 × as many   hubsync $triple"
ratio=$(awk -v ours="$(median <"$dir/ours")" -v theirs="$(median <"$dir/theirs")" 'BEGIN {printf "%.2f", theirs / ours}')
echo "ratio of records/s: $ratio (goal: 2.5)"
awk -v one="$(median <"$dir/rss")" -v three="$(echo "$triple" | awk '{print $2}')" \
  'BEGIN {printf "peak RSS: %.1f MiB at once, %.1f MiB with three times the records (goal: at most 64, flat)\n", one / 1024, three / 1024}'

#!/usr/bin/env bash
# The demo behind `./dev demo`: hubspot-sim and hubsyncd on loopback, everything they write in one temporary directory.
# usage: demo.sh [--keep] BIN_DIR. Needs curl and jq. Stops what it started, by pid, unless --keep.
set -euo pipefail

keep=no
if [ "${1:-}" = --keep ]; then keep=yes; shift; fi
bin=$(readlink -f "${1:-build/dev/bin}")
for program in hubspot-sim hubsyncd hubsync; do
  [ -x "$bin/$program" ] || { echo "demo: $bin/$program is not built; ./dev build makes it" >&2; exit 1; }
done

# The environment wins over the configuration file, so what the caller has set for a real portal is put aside.
unset HUBSPOT_ACCESS_TOKEN HUBSPOT_WEBHOOK_SECRET HUBSPOT_BASE_URL PORT HUBSYNC_CONFIG HUBSYNC_DB HUBSYNC_LOG_LEVEL
unset PAGER  # Nothing here waits for a key.

umask 077
dir=$(mktemp -d /tmp/hubsync-demo.XXXXXX)
export HUBSYNC_SOCKET=$dir/hubsyncd.sock
sim_pid='' daemon_pid=''

stop() {
  local pid
  for pid in $daemon_pid $sim_pid; do
    kill -TERM "$pid" 2>/dev/null || continue
    wait "$pid" 2>/dev/null || true
  done
}

finish() {
  local code=$?
  trap - EXIT
  if [ $code != 0 ]; then
    printf '\ndemo: failed. The last lines of %s:\n' "$dir/hubsyncd.log" >&2
    tail -n 20 "$dir/hubsyncd.log" >&2 || true
    stop
    exit $code
  fi
  if [ $keep = no ]; then
    stop
    rm -r "$dir"
  fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }
hubsync() { "$bin/hubsync" "$@"; }
api() { curl --silent --show-error --fail-with-body --max-time 10 "$@"; }

# until_true SECONDS WHAT COMMAND...: polls; a demo that waits for ever shows nothing.
until_true() {
  local seconds=$1 what=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@" 2>/dev/null; do
    if [ $SECONDS -ge $deadline ]; then echo "demo: waited ${seconds} s in vain for $what" >&2; return 1; fi
    sleep 0.2
  done
}

free_port() {
  local port
  for port in $(shuf -i 20000-60000 -n 50); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
  done
  echo "demo: no port is free" >&2
  return 1
}

# send_webhooks URL: whereto the simulated HubSpot sends change events; "" stops it.
send_webhooks() {
  api -X PATCH -H 'Content-Type: application/json' "$sim/_sim/options" >/dev/null \
    -d "{\"record_events\":true,\"webhook_url\":\"$1\",\"webhook_secret\":\"demo-webhook-secret\"}"
}

sim_value() { api "$sim/_sim/objects/contacts/$1" | jq -r --arg name "$2" '.properties[$name] // ""'; }
local_value() { hubsync --json contacts show "$1" | jq -r --arg name "$2" '.[$name] // ""'; }
sim_has() { [ "$(sim_value "$1" "$2")" = "$3" ]; }
local_has() { [ "$(local_value "$1" "$2")" = "$3" ]; }
edit_in_hubspot() {
  printf '$ curl -X PATCH %s -d %s\n' "$sim/_sim/objects/contacts/$1" "'$2'"
  api -X PATCH -H 'Content-Type: application/json' -d "$2" "$sim/_sim/objects/contacts/$1" >/dev/null
}

title "A simulated HubSpot with 10,000 contacts and 1,000 companies"
setsid "$bin/hubspot-sim" --port 0 --contacts 10000 --companies 1000 >"$dir/hubspot-sim.log" 2>&1 &
sim_pid=$!
until_true 60 "hubspot-sim" grep -q '^listening on ' "$dir/hubspot-sim.log"
sim=$(sed -n 's/^listening on //p' "$dir/hubspot-sim.log")
echo "hubspot-sim (pid $sim_pid) on $sim"

title "hubsyncd, with a configuration of its own"
printf 'pat-na1-sim\n' >"$dir/token"
printf 'demo-webhook-secret\n' >"$dir/webhook-secret"
webhook_port=$(free_port)
cat >"$dir/hubsync.toml" <<TOML
[hubspot]
base_url = "$sim"
access_token_file = "$dir/token"

[store]
path = "$dir/hubsync.db"

[control]
socket = "$HUBSYNC_SOCKET"

[webhooks]
listen = "127.0.0.1:$webhook_port"
public_url = "http://127.0.0.1:$webhook_port"
secret_file = "$dir/webhook-secret"
TOML
cat "$dir/hubsync.toml"
show "$bin/hubsyncd" --config "$dir/hubsync.toml" --check-config
setsid "$bin/hubsyncd" --config "$dir/hubsync.toml" >"$dir/hubsyncd.log" 2>&1 &
daemon_pid=$!
until_true 20 "hubsyncd" hubsync --quiet status >/dev/null
echo "hubsyncd (pid $daemon_pid) on $HUBSYNC_SOCKET"

title "A full sync: every record of both sides compared"
show hubsync sync --full --wait --timeout 5m

title "An edit here arrives in HubSpot"
contact=$(hubsync --json contacts list | jq -c '[.items[] | select(.hubspotId != null)][0]')
id=$(jq -r .id <<<"$contact")
hubspot_id=$(jq -r .hubspotId <<<"$contact")
show hubsync contacts update "$id" lastName=Lovelace
until_true 30 "the edit to arrive in HubSpot" sim_has "$hubspot_id" lastname Lovelace
echo "HubSpot now has lastname = $(sim_value "$hubspot_id" lastname)"

title "An edit in HubSpot arrives here"
edit_in_hubspot "$hubspot_id" '{"properties":{"firstname":"Augusta"}}'
show hubsync sync contacts "$id"
until_true 30 "HubSpot's edit to arrive here" local_has "$id" firstName Augusta
echo "hubsync now has firstName = $(local_value "$id" firstName)"

title "With webhooks an edit in HubSpot arrives by itself, within a second"
send_webhooks "http://127.0.0.1:$webhook_port/api/webhooks/hubspot"
edit_in_hubspot "$hubspot_id" '{"properties":{"phone":"+44 20 7946 0000"}}'
until_true 30 "the webhook" local_has "$id" phone "+44 20 7946 0000"
show hubsync webhooks list
echo "hubsync now has phone = $(local_value "$id" phone)"

title "Edited on both sides, differently, with no webhook in between: a conflict"
send_webhooks ""
edit_in_hubspot "$hubspot_id" '{"properties":{"phone":"+44 20 7946 0001"}}'
show hubsync contacts update "$id" phone='+49 30 5550002'
open_conflict() {
  conflict=$(hubsync --json conflicts list | jq -r --arg id "$id" '[.items[] | select(.entityId == $id)][0].id // ""')
  [ -n "$conflict" ]
}
until_true 30 "the conflict" open_conflict
show hubsync conflicts list
show hubsync conflicts show "$conflict"
show hubsync conflicts resolve "$conflict" --keep local
until_true 30 "the decision to arrive in HubSpot" sim_has "$hubspot_id" phone '+49 30 5550002'
echo "HubSpot now has phone = $(sim_value "$hubspot_id" phone)"
show hubsync conflicts history

title "Status"
show hubsync status

if [ $keep = yes ]; then
  title "Still running; to try:"
  cat <<KEEP
export HUBSYNC_SOCKET=$HUBSYNC_SOCKET PATH=$bin:\$PATH
hubsync status
hubsync contacts list
hubsync contacts show $id
hubsync queue
hubsync logs --follow
curl -X PATCH -d '{"properties":{"firstname":"Ada"}}' $sim/_sim/objects/contacts/$hubspot_id; hubsync sync contacts $id
hubspot-sim --help          # what else the simulated HubSpot can do, /_sim/ at $sim

To stop: kill $daemon_pid $sim_pid; rm -r $dir
KEEP
fi

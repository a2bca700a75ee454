# What the benchmark scripts share; sourced, with the directory of the programs as first argument. Gives `bin`, `dir`
# (removed at the end, like every process that begin() started) and the functions below.
bin=${1:+$(readlink -f "$1")}
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
bin=${bin:-$(readlink -f ../../build/release/bin)}
unset HUBSPOT_ACCESS_TOKEN HUBSPOT_WEBHOOK_SECRET HUBSPOT_BASE_URL PORT HUBSYNC_CONFIG HUBSYNC_DB HUBSYNC_LOG_LEVEL

umask 077
dir=$(mktemp -d /tmp/hubsync-bench.XXXXXX)
declare -A pids=()

# begin NAME COMMAND...: in the background, with its output in $dir/NAME.log.
begin() {
  local name=$1
  shift
  # Now, or somebody would read what the one before has written.
  : >"$dir/$name.log"
  "$@" >>"$dir/$name.log" 2>&1 &
  pids[$name]=$!
}

end() {
  local pid=${pids[$1]:-}
  [ -n "$pid" ] || return 0
  unset "pids[$1]"
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

finish() {
  local code=$? name
  for name in "${!pids[@]}"; do end "$name"; done
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

median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# start_sim OPTION...: sets `url`.
start_sim() {
  begin sim "$bin/hubspot-sim" --port 0 --token T --portal-id 48210077 "$@"
  until_true grep -q '^listening on ' "$dir/sim.log"
  url=$(sed -n 's/^listening on //p' "$dir/sim.log")
}

socket=$dir/control.sock
secret=8f14e45f-ceea-4167-a5d0-1c2d3e4f5a6b
hook=/api/webhooks/hubspot

# start_daemon [WEBHOOK_LISTEN]: a new database at the simulator at `url`, without limits, polling as by default.
start_daemon() {
  rm -f "$dir"/hubsync.db* "$socket"
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
listen = "${1:-}"
TOML
  begin hubsyncd env HUBSPOT_ACCESS_TOKEN=T HUBSPOT_WEBHOOK_SECRET=$secret "$bin/hubsyncd" --config "$dir/hubsync.toml"
  until_true "$bin/hubsync" --socket "$socket" --quiet wait --timeout 60s
}

hubsync() { "$bin/hubsync" --socket "$socket" "$@"; }

# Memory of the running daemon: VmRSS or VmHWM, in KiB.
memory() { awk -v name="$1:" '$1 == name {print $2}' "/proc/${pids[hubsyncd]}/status"; }

# node_modules PART: installs what PART/package.json names beside the programs, once, and lets Node.js find it.
node_modules() {
  local there=$bin/../bench/$1
  mkdir -p "$there"
  cp "$1/package.json" "$there"
  (cd "$there" && [ -d node_modules ] || npm install --no-audit --no-fund --loglevel=error)
  export NODE_PATH=$there/node_modules
}

# free_port: one that nothing listens on now.
free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

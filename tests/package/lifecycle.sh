#!/usr/bin/env bash
# lifecycle.sh PACKAGES BIN: the life of the Debian packages in PACKAGES, as a new user has it, in a clean Debian 12: install,
# configure, first sync, conflict, resolve, upgrade, remove, install again, purge. BIN/hubspot-sim is its HubSpot. Needs root
# for the clean root and nothing outside it; apt's mirror is the one that this machine uses. `./dev package --test` runs it.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "lifecycle.sh: needs root, for debootstrap and chroot" >&2; exit 2; }
# Mounts and processes of the clean root end with this script, however it ends.
if [ -z "${HUBSYNC_LIFECYCLE:-}" ]; then
  HUBSYNC_LIFECYCLE=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$0" "$@"
fi

here=$(dirname "$(readlink -f "$0")")
packages=$(readlink -f "$1")
bin=$(readlink -f "$2")
work=$(mktemp -d --tmpdir hubsync-lifecycle.XXXXXX)
root=$work/root
checks=0

finish() {
  local code=$?
  if [ $code != 0 ] && [ -s "$work/hubsyncd.log" ]; then
    echo "the daemon's last lines:" >&2
    tail -n 20 "$work/hubsyncd.log" >&2
  fi
  for folder in proc dev/pts; do
    if mountpoint -q "$root/$folder"; then umount "$root/$folder" || umount -l "$root/$folder"; fi
  done
  rm -rf --one-file-system "$work"
  return $code
}
trap finish EXIT

step() { printf '\n== %s\n' "$*"; }

# ok WHAT COMMAND...: the command succeeds.
ok() {
  local what=$1 output
  shift
  if ! output=$("$@" 2>&1); then
    printf 'FAILED: %s\n  %s\n%s\n' "$what" "$*" "$output" >&2
    exit 1
  fi
  checks=$((checks + 1))
  printf 'ok %2d - %s\n' "$checks" "$what"
}

# is WHAT WANTED COMMAND...: the command prints exactly that.
is() {
  local what=$1 wanted=$2 found code=0
  shift 2
  found=$("$@" 2>&1) || code=$?
  if [ "$found" != "$wanted" ]; then
    printf 'FAILED: %s\n  %s (exit %s)\n  wanted: %s\n  found:  %s\n' "$what" "$*" "$code" "$wanted" "$found" >&2
    exit 1
  fi
  ok "$what" true
}

# code WHAT WANTED COMMAND...: the command exits with that.
code() {
  local what=$1 wanted=$2 found=0 output
  shift 2
  output=$("$@" 2>&1) || found=$?
  if [ "$found" != "$wanted" ]; then
    printf 'FAILED: %s\n  %s\n  exit %s, wanted %s\n%s\n' "$what" "$*" "$found" "$wanted" "$output" >&2
    exit 1
  fi
  ok "$what" true
}

not() { ! "$@"; }
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as() { local user=$1; shift; inside runuser -u "$user" -- "$@"; }
hubsync() { as alice hubsync "$@"; }
field() { local query=$1; shift; "$@" | jq -r "$query"; }
mode_of() { inside stat -c '%a %U:%G' "$1"; }
apt() { inside apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"; }
admin() { curl -sS --fail-with-body -X "$1" "$sim_url$2" ${3:+-H 'Content-Type: application/json' -d "$3"}; }
absent() { local path; for path in "$@"; do [ ! -e "$root$path" ] || { echo "$path is there"; return 1; }; done; }
present() { local path; for path in "$@"; do [ -e "$root$path" ] || { echo "$path is missing"; return 1; }; done; }
contains() { grep -qF -- "$1" "$root$2"; }

# Waits up to 20 seconds.
until_true() {
  local deadline=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { echo "never true: $*"; return 1; }
    sleep 0.1
  done
}

# --- The clean root ----------------------------------------------------------------------------------------------------

# Where apt gets Debian 12's main archive from.
mirror() {
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk '$2 == "bookworm" && $3 == "main" { print $1; exit }'
}

make_root() {
  local archive
  archive=$(mirror)
  [ -n "$archive" ] || { echo "lifecycle.sh: apt knows no archive of Debian 12" >&2; exit 1; }
  step "a clean Debian 12 (debootstrap, minimal)"
  # systemd for its catalog, tmpfiles and analysis; it is not started. man-db, since systemd looks for the pages it is told of.
  debootstrap --variant=minbase --include=systemd,man-db bookworm "$root" "$archive" >"$work/debootstrap.log" ||
    { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
  rm -f "$root/etc/apt/sources.list"
  cp -aL /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || true
  cp -aL /etc/apt/sources.list.d/. "$root/etc/apt/sources.list.d/"
  cp -aL /usr/share/keyrings/. "$root/usr/share/keyrings/"
  find /etc/apt/apt.conf.d -iname '*proxy*' -exec cp -aL {} "$root/etc/apt/apt.conf.d/" \;
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 0755 "$root/usr/sbin/policy-rc.d"
  mount -t proc proc "$root/proc"
  apt update >"$work/apt.log"
  mkdir "$root/packages"
  cp "$packages"/hubsync_*.deb "$root/packages/hubsync.deb"
  cp "$packages"/hubsyncd_*.deb "$root/packages/hubsyncd.deb"
  install -m 0755 "$bin/hubspot-sim" "$root/usr/local/bin/hubspot-sim"
}

# The same packages with a higher version and another default configuration.
make_upgrade() {
  local deb name
  mkdir "$root/upgrade"
  for deb in "$root/packages"/*.deb; do
    name=$(dpkg-deb -f "$deb" Package)
    dpkg-deb -R "$deb" "$work/$name"
    sed -i 's/^Version: .*/&+upgrade/' "$work/$name/DEBIAN/control"
    if [ "$name" = hubsyncd ]; then
      echo '# A line of the next version.' >>"$work/$name/etc/hubsync/hubsync.toml"
      (cd "$work/$name" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
    fi
    dpkg-deb --root-owner-group -b "$work/$name" "$root/upgrade/$name.deb" >/dev/null
  done
}

# --- The programs ------------------------------------------------------------------------------------------------------

start_sim() {
  inside /usr/local/bin/hubspot-sim --port 0 --contacts 200 --companies 20 --token pat-na1-lifecycle >"$work/sim.log" 2>&1 &
  until_true grep -q http "$work/sim.log"
  sim_url=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/sim.log" | head -n 1)
}

# As systemd would: as hubsync, with the two directories, without an environment. Its process is ours to stop.
start_daemon() {
  inside install -d -o hubsync -g hubsync -m 0755 /run/hubsync
  : >"$work/hubsyncd.log"
  chroot "$root" setpriv --reuid=hubsync --regid=hubsync --init-groups --reset-env \
    /usr/bin/hubsyncd 2>"$work/hubsyncd.log" &
  daemon=$!
  ok "hubsyncd starts as the user hubsync, without systemd" until_true grep -q 'is ready' "$work/hubsyncd.log"
}

stop_daemon() {
  local code=0
  kill -TERM "$daemon"
  wait "$daemon" || code=$?
  is "SIGTERM ends it with 0" 0 echo $code
}

# --- The life ----------------------------------------------------------------------------------------------------------

installs() {
  step "install"
  ok "apt installs both packages and what they need" apt install /packages/hubsync.deb /packages/hubsyncd.deb
  is "both are configured" "ii ii " inside dpkg-query -W -f '${db:Status-Abbrev}' hubsync hubsyncd
  is "dpkg finds every file as it was packed" "" inside dpkg --verify hubsync hubsyncd
  ok "the user hubsync has no password and no shell" grep -qE '^hubsync:x:[0-9]+:[0-9]+:[^:]*:/var/lib/hubsync:/usr/sbin/nologin$' "$root/etc/passwd"
  ok "nobody is in the group hubsync" grep -qE '^hubsync:x:[0-9]+:$' "$root/etc/group"
  is "secrets can lie in /etc/hubsync" "750 root:hubsync" mode_of /etc/hubsync
  is "records can lie in /var/lib/hubsync" "750 hubsync:hubsync" mode_of /var/lib/hubsync
  ok "the configuration is a conffile" inside sh -c "dpkg-query -W -f '\${Conffiles}' hubsyncd | grep -q '^ /etc/hubsync/hubsync.toml '"
  is "nothing is setuid, setgid or writable by others" "" inside sh -c \
    'dpkg -L hubsync hubsyncd | sed /^$/d | xargs -d "\n" stat -c "%A %n" | grep -E "^[^l].{2}[sS]|^[^l].{5}[sS]|^[^l].{7}w" || true'
  is "no unit is enabled" "" inside find /etc/systemd -name '*hubsync*'
  ok "units, manual, completions and alert rules are in their places" present \
    /lib/systemd/system/hubsyncd{,@}.service /lib/systemd/system/hubsyncd-{control,webhooks}.socket \
    /lib/systemd/system/hubsync-full.{service,timer} /usr/lib/sysusers.d/hubsync.conf /usr/lib/tmpfiles.d/hubsync.conf \
    /usr/share/man/man{1/hubsync.1,8/hubsyncd.8,5/hubsync.toml.5,7/hubsync-conflicts.7,7/hubsync-api.7}.gz \
    /usr/share/bash-completion/completions/hubsync /usr/share/zsh/vendor-completions/_hubsync \
    /usr/share/fish/vendor_completions.d/hubsync.fish /usr/share/doc/hubsyncd/examples/alerts.yml
  is "systemd takes the units" "" inside systemd-analyze verify /lib/systemd/system/hubsync{d,d@x,-full}.service \
    /lib/systemd/system/hubsyncd-{control,webhooks}.socket /lib/systemd/system/hubsync-full.timer
  is "the journal explains the messages (journalctl -x)" \
    "46bc314033eb464fb313e6ab5f3d97d8 hubsyncd: The database cannot be written" \
    inside sh -c 'journalctl --list-catalog | grep 46bc314033eb464fb313e6ab5f3d97d8'
  is "sysusers.d agrees about the user" "" inside systemd-sysusers --dry-run hubsync.conf
  inside adduser --quiet --disabled-password --gecos '' alice
  inside adduser --quiet --disabled-password --gecos '' mallory
  inside adduser --quiet alice hubsync
}

configures() {
  step "configure"
  code "without a token the daemon says so and exits" 1 as hubsync hubsyncd
  ok "it names the file where the token belongs" sh -c "chroot '$root' runuser -u hubsync -- hubsyncd 2>&1 | grep -q /etc/hubsync/token"
  code "without the daemon the command line says so" 3 hubsync status
  echo pat-na1-lifecycle | inside install -m 0600 -o hubsync /dev/stdin /etc/hubsync/token
  inside sed -i "s|^#base_url = .*|base_url = \"$sim_url\"|; s|^#poll_interval = .*|poll_interval = \"2s\"|" /etc/hubsync/hubsync.toml
  ok "the edited configuration is valid" as hubsync hubsyncd --check-config
  inside sed -i 's|^poll_interval|pol_interval|' /etc/hubsync/hubsync.toml
  code "a misspelt key is refused" 2 as hubsync hubsyncd --check-config
  inside sed -i 's|^pol_interval|poll_interval|' /etc/hubsync/hubsync.toml
  code "others can not read the configuration" 1 as mallory cat /etc/hubsync/hubsync.toml
}

syncs() {
  step "first sync"
  start_daemon
  code "who is not in the group hubsync may not ask" 3 as mallory hubsync status
  ok "the first full sync succeeds" hubsync sync --full --wait --timeout 60s
  is "every contact has come" 200 field .total hubsync --json contacts list
  is "every company has come" 20 field .total hubsync --json companies list
  ok "both sides are the same" hubsync verify
  is "the database is the daemon's alone" "600 hubsync:hubsync" mode_of /var/lib/hubsync/hubsync.db
  is "the socket is the group's" "660 hubsync:hubsync" mode_of /run/hubsync/hubsyncd.sock
  ok "the token is in no argument and no log" sh -c \
    "! grep -aq pat-na1-lifecycle /proc/$daemon/cmdline /proc/$daemon/environ '$work/hubsyncd.log'"
}

conflicts() {
  local contact hubspot_id conflict
  step "an edit on both sides, a conflict, a decision"
  contact=$(field '.items[0].id' hubsync --json contacts list --limit 1)
  hubspot_id=$(field .hubspotId hubsync --json contacts show "$contact")
  ok "the queue can be paused" hubsync queue pause
  ok "a local edit is taken" hubsync contacts update "$contact" phone=+4930111
  admin PATCH "/_sim/objects/contacts/$hubspot_id" '{"properties":{"phone":"+4930222"}}' >/dev/null
  ok "a run finds HubSpot's edit" hubsync sync --full --wait --timeout 60s
  ok "sending goes on" hubsync queue resume
  is "there is one conflict" 1 field .total hubsync --json conflicts list
  conflict=$(field '.items[0].id' hubsync --json conflicts list)
  is "it is about the phone" phone field '.conflictingFields | join(",")' hubsync --json conflicts show "$conflict"
  is "nothing was overwritten in HubSpot" +4930222 field '.properties.phone | if type == "object" then .value else . end' \
    admin GET "/_sim/objects/contacts/$hubspot_id"
  ok "the log tells of it" until_true grep -q 'event=conflict.detected' "$work/hubsyncd.log"
  ok "but not of the values" not grep -qF +4930 "$work/hubsyncd.log"
  ok "a person keeps the local value" hubsync conflicts resolve "$conflict" --keep local
  ok "all is carried over" hubsync wait --for synced --timeout 30s
  is "HubSpot has it" +4930111 field '.properties.phone | if type == "object" then .value else . end' \
    admin GET "/_sim/objects/contacts/$hubspot_id"
  is "no conflict is left" 0 field .total hubsync --json conflicts list
  ok "both sides are the same again" hubsync verify
}

is_monitored() {
  step "monitoring: promtool, of Debian's package prometheus"
  apt install prometheus >>"$work/apt.log" 2>&1
  inside mkdir /monitoring
  cp "$here"/../../systemd/monitoring/*.yml "$root/monitoring/"
  curl -sS --fail --unix-socket "$root/run/hubsync/hubsyncd.sock" -H 'Accept: text/plain' http://localhost/metrics \
    >"$root/monitoring/metrics"
  ok "it finds nothing to say about /metrics" inside sh -c 'promtool check metrics </monitoring/metrics'
  ok "it takes the alert rules of the package" inside promtool check rules /usr/share/doc/hubsyncd/examples/alerts.yml
  ok "each alert fires for its trouble" inside promtool test rules /monitoring/alerts_test.yml
}

upgrades() {
  step "upgrade, with an edited configuration"
  local before
  before=$(inside md5sum /etc/hubsync/hubsync.toml)
  stop_daemon
  ok "apt upgrades both packages" apt -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install /upgrade/hubsync.deb /upgrade/hubsyncd.deb
  is "the new version is there" "+upgrade" sh -c "chroot '$root' dpkg-query -W -f '\${Version}' hubsyncd | grep -o '+upgrade'"
  is "the edited configuration is kept" "$before" inside md5sum /etc/hubsync/hubsync.toml
  ok "the new default lies beside it" contains 'A line of the next version.' /etc/hubsync/hubsync.toml.dpkg-dist
  is "the token is as it was" "600 hubsync:root" mode_of /etc/hubsync/token
  still_has_everything
  ok "HubSpot got no record a second time" test "$(admin GET /_sim/dump/contacts | wc -l)" = 200
}

# The daemon works on with the records and decisions it had.
still_has_everything() {
  start_daemon
  is "every contact is there" 200 field .total hubsync --json contacts list
  is "the decided conflict is in the history" keep_local field '.items[0].resolutionType' hubsync --json conflicts history
  ok "an edit in HubSpot arrives" edit_arrives
  ok "both sides are the same" hubsync verify
}

edit_arrives() {
  local id value
  id=$(field '.items[1].hubspotId' hubsync --json contacts list --limit 2)
  value=edited-$RANDOM$RANDOM
  admin PATCH "/_sim/objects/contacts/$id" "{\"properties\":{\"lastname\":\"$value\"}}" >/dev/null
  hubsync sync --full --wait --timeout 60s
  until_true sh -c "curl -sS --unix-socket '$root/run/hubsync/hubsyncd.sock' 'http://localhost/api/contacts?search=$value' | grep -q '\"total\":1'"
}

is_removed() {
  step "remove, and install again"
  stop_daemon
  ok "apt removes the daemon" apt remove hubsyncd hubsync
  ok "the programs are gone" absent /usr/bin/hubsyncd /usr/bin/hubsync /lib/systemd/system/hubsyncd.service
  ok "records, configuration and secrets stay" present /var/lib/hubsync/hubsync.db /etc/hubsync/hubsync.toml /etc/hubsync/token
  is "the database is still closed to others" "600 hubsync:hubsync" mode_of /var/lib/hubsync/hubsync.db
  ok "apt installs them again" apt -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install /upgrade/hubsync.deb /upgrade/hubsyncd.deb
  still_has_everything
}

is_purged() {
  step "purge"
  stop_daemon
  ok "apt purges both" apt purge hubsyncd hubsync
  ok "records, configuration, secrets and sockets are gone" absent /var/lib/hubsync /etc/hubsync /run/hubsync
  code "dpkg knows nothing of them" 1 inside dpkg-query -W hubsync hubsyncd
  is "the journal's catalog has forgotten them" "" inside sh -c 'journalctl --list-catalog | grep hubsyncd || true'
  is "no file of theirs is left" "" leftovers
  ok "the user stays, as Debian does it, so that no other gets its number" grep -q '^hubsync:' "$root/etc/passwd"
}

leftovers() {
  inside find / -xdev -iname '*hubsync*' ! -path '/proc/*' ! -path '/packages*' ! -path '/upgrade*' ! -path '/var/cache/man/*'
}

make_root
make_upgrade
installs
start_sim
configures
syncs
conflicts
is_monitored
upgrades
is_removed
is_purged
printf '\n%s checks passed\n' "$checks"

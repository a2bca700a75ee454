#!/usr/bin/env bash
# package.sh [PRESET]: the Debian packages hubsyncd and hubsync, from the release build unless another preset is named.
# They end up in build/PRESET/packages.
#
# A release: CHANGELOG.md's "Unreleased" becomes the version, with its date; the version in CMakeLists.txt is the same;
# `./dev test` and `./dev package --test` pass; the commit is tagged.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
case ${1:-} in
  -h | --help)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' systemd/package.sh
    exit 0
    ;;
esac
preset=${1:-release}

run() {
  printf '+ %s\n' "$*" >&2
  "$@"
}

run cmake --preset "$preset"
run cmake --build --preset "$preset" --target hubsyncd hubsync package_files
rm -rf "build/$preset/packages"
umask 022
run cpack --config "build/$preset/CPackConfig.cmake" -B "build/$preset/packages"
rm -rf "build/$preset/packages/_CPack_Packages"
if command -v mandoc >/dev/null; then
  # Pages that refer to each other are found only where they are installed.
  findings=$(mandoc -Tlint man/*.[1-8] | grep -v 'referenced manual not found: Xr hubsync' || true)
  [ -z "$findings" ] || { printf '%s\n' "$findings" >&2; exit 1; }
else
  printf 'mandoc is not installed: the man pages were not checked with it\n' >&2
fi
if command -v lintian >/dev/null; then
  run lintian --fail-on error "build/$preset"/packages/*.deb
else
  printf 'lintian is not installed: the packages were not checked with it\n' >&2
fi
ls -l "build/$preset"/packages/*.deb

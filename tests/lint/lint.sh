#!/usr/bin/env bash
# The part of `./dev lint` that needs clang's tools: clang-format on the lines, and clang-tidy on the sources, changed since
# origin/main (with nothing changed: by the last commit); with --all on everything. Headers without a .cpp of their name
# are compiled on their own; the others show that they stand alone by being its first include.
# Runs from the root, after `./dev build dev`.
set -euo pipefail

all=no
[ "${1:-}" = --all ] && all=yes
failed=0

sources() { find common daemon cli tests -name '*.cpp' -o -name '*.hpp' | sort; }

# The commit to compare with; empty without git's history, as in an archive of the tree.
base_commit() {
  local base
  git rev-parse --quiet --verify HEAD >/dev/null 2>&1 || return 0
  base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  if [ "$base" = "$(git rev-parse HEAD)" ] && [ -z "$(git status --porcelain)" ]; then
    base=$(git rev-parse --quiet --verify HEAD~1 || true)
  fi
  echo "$base"
}

is_source() { grep -E '^(common|daemon|cli|tests)/.*\.[ch]pp$' || true; }
untracked() { git ls-files --others --exclude-standard | is_source; }

selected() {
  if [ $all = yes ]; then sources; return; fi
  [ -n "$base" ] || return 0
  { git diff --name-only --diff-filter=d "$base" | is_source; untracked; } | sort -u
}

format() {
  if [ $all = yes ]; then
    sources | xargs clang-format-19 --dry-run -Werror
  elif [ -n "$base" ]; then
    git clang-format-19 --binary clang-format-19 --extensions cpp,hpp --diff "$base" || return 1
    untracked | xargs -r clang-format-19 --dry-run -Werror
  fi
}

compiled() {
  local file
  while read -r file; do
    if grep -qF "/$file\"" build/dev/compile_commands.json; then echo "$file"; fi
  done
}

without_body() {
  local file
  while read -r file; do
    if [[ $file = *.hpp && ! -e ${file%.hpp}.cpp ]]; then echo "$file"; fi
  done
}

tidy() {
  xargs -r -P "$(nproc)" -n 2 clang-tidy-19 -p build/dev --quiet 2>&1 |
    { grep -vE '^\[[0-9]+/[0-9]+\] Processing|warnings? generated\.$' || true; }
}

alone() {
  xargs -r -P "$(nproc)" -n 1 clang++-19 -std=c++23 -fsyntax-only -I. -DBOOST_ASIO_NO_DEPRECATED \
    -DBOOST_BEAST_USE_STD_STRING_VIEW -DHUBSYNC_VERSION='"lint"' -Wno-pragma-once-outside-header -x c++
}

base=$(base_commit)
files=$(selected)
if [ $all = yes ]; then echo "checking every file" >&2; else echo "checking what differs from ${base:-nothing: no git history}" >&2; fi
echo "+ clang-format-19" >&2
format || failed=1
bodies=$(compiled <<<"$files")
echo "+ clang-tidy-19 -p build/dev, on ${bodies:+$(wc -l <<<"$bodies") of }the sources" >&2
printf '%s\n' "$bodies" | tidy || failed=1
headers=$(without_body <<<"$files")
echo "+ clang++-19 -fsyntax-only, on ${headers:+$(wc -l <<<"$headers") }headers without a .cpp" >&2
printf '%s\n' "$headers" | alone || failed=1
exit $failed

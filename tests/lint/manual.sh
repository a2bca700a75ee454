#!/usr/bin/env bash
# manual.sh PROGRAM PAGE: fails unless the options and commands that PROGRAM's --help tells, subcommands included, and those
# of its man page (mdoc or man macros) are the same.
set -euo pipefail
program=$1 page=$2

# Prints "--option" and "command" lines of one --help and, depth first, of those of its subcommands.
told() {
  local help command commands
  help=$("$program" "$@" --help)
  grep -oE -- '(^|[ ,(|])--[a-z][a-z0-9-]+' <<<"$help" | grep -oE -- '--.*' || true
  mapfile -t commands < <(sed -n '/^Subcommands:/,$ s/^  \([a-z][a-z-]*\).*/\1/p' <<<"$help")
  for command in "${commands[@]}"; do
    printf '%s\n' "$command"
    told "$@" "$command"
  done
}

# mdoc writes `.Fl q , -quiet` and `.Cm status`, the man macros `\-\-quiet`.
written() {
  sed -nE '/^\..*\bFl\b/ { s/[][(),|]/ /g; p }' "$page" | grep -oE -- ' -[a-z][a-z0-9-]+' | sed 's/^ -/--/' || true
  grep -oE -- '\\-\\-[a-z]([a-z0-9]|\\-|-)*' "$page" | sed 's/\\//g' || true
  sed -nE '/^\..*\b(Cm|Ic)\b/p; s/^\.B //p; s/.*\\fB([^\\]*)\\fR.*/\1/p' "$page" | grep -oE '\b[a-z][a-z-]+' || true
}

help=$(told | sort -u)
manual=$(written | sort -u)
only_help=$(comm -23 <(printf '%s\n' "$help") <(printf '%s\n' "$manual"))
only_manual=$(comm -13 <(printf '%s\n' "$help") <(printf '%s\n' "$manual") | grep -E '^--' || true)
for word in $only_help; do echo "$page: does not tell of $word, which $program --help has"; done
for word in $only_manual; do echo "$page: tells of $word, which no $program --help has"; done
[ -z "$only_help$only_manual" ]

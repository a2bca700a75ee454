#!/usr/bin/env bash
# routes.sh ROUTES PAGE: fails unless PAGE, the manual of the control API, tells of every path in ROUTES (routes.cpp).
set -euo pipefail
routes=$1
page=$2

# `.It Li GET /api/ Ns Ar type Ns Li / Ns Ar id , Li /metrics` writes two paths.
told=$(sed -nE 's/^\.It Li //p' "$page" | sed -E 's/ Ns (Ar|Li) //g; s/ , Li /\n/g' | sed -E 's/^([A-Z]+ )+//' | sort -u)
wanted=$(sed -nE 's/^ *Route\{"[A-Z]+", "([^"]+)".*/\1/p' "$routes" | sed -E 's/:records/type/; s/:([a-zA-Z]+)/\1/g' | sort -u)
[ -n "$wanted" ] || { echo "$routes: no routes found"; exit 1; }
missing=$(comm -13 <(printf '%s\n' "$told") <(printf '%s\n' "$wanted"))
extra=$(comm -23 <(printf '%s\n' "$told") <(printf '%s\n' "$wanted"))
for path in $missing; do echo "$page: does not tell of $path"; done
for path in $extra; do echo "$page: tells of $path, which there is not"; done
[ -z "$missing$extra" ]

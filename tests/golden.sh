#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every folder of tests/golden is a case with the facts that its evidence has to give (expected, written by tests/golden.sql). A change
# is looked at and taken over with GOLDEN_ACCEPT=1. Every built-in profile has a folder of its name, with a sample of every record type.
# Usage: golden.sh HINDCAST SRCDIR; one line "ok NAME" or "not ok NAME" per folder.
set -u
hindcast=$(realpath "$1")
src=$(realpath "$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-golden.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
# The vocabulary is stored by position.
actions=$(sed -n 's/^HC_ACTION([A-Z_]*, \("[^"]*"\).*/(\1),/p' "$src/src/base/actions.h" | tr -d '\n' | tr '"' "'")
facts() { sqlite3 "$1/hindcast.db" "CREATE TEMP TABLE action(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO action(name) VALUES ${actions%,};" ".read '$src/tests/golden.sql'"; }

for folder in "$src"/tests/golden/*/; do
    name=$(basename "$folder")
    cp -R "$folder" "$work/$name" && chmod -R u+w "$work/$name" && cd "$work" || exit 2
    TZ=Asia/Kathmandu "$hindcast" run -q "$name" >/dev/null 2>"$work/err"
    status=$?
    { sed 's/^hindcast: //' "$work/err"; echo "status $status"; facts "$name"; } >"$work/$name.facts"
    [ -z "${GOLDEN_ACCEPT:-}" ] || cp "$work/$name.facts" "$folder/expected"
    diff "$folder/expected" "$work/$name.facts" && { "$hindcast" verify -C "$name" >/dev/null || { echo "verify fails"; false; }; }
    t "golden $name" $?
    ! sqlite3 "$name/hindcast.db" .dump | grep -q SECRET
    t "golden $name keeps no secret" $?
    profile=$src/importers/profiles/$name.yaml
    [ -r "$profile" ] || continue
    # by the name that is stored; a type that is a pattern has no one name
    awk '/^- type: /{ print type; type = $3 } /^  as: /{ type = $2 } END { print type }' "$profile" | tr -d '"' | grep -v '{' | while read -r type; do
        [ -z "$type" ] || grep -q "^tally .* \(event\|state\) $type " "$work/$name.facts" || echo "no sample of $type"
    done >"$work/missing"
    [ ! -s "$work/missing" ]
    t "golden $name has a sample of every record type" $?
    cat "$work/missing"
    # the action behind each case of the profile
    grep -o '^      "[^"]*": .*' "$profile" | sed 's/^ *"\([^"{]*\).*/\1/; s/ $//' | while read -r case; do
        grep -rqF -e "$case" "$folder/evidence" || echo "no sample of the case $case"
    done >"$work/missing"
    [ ! -s "$work/missing" ]
    t "golden $name has a sample of every case" $?
    cat "$work/missing"
done
for profile in "$src"/importers/profiles/*.yaml; do
    [ -d "$src/tests/golden/$(basename "$profile" .yaml)" ] || echo "no samples for $profile"
done >"$work/missing"
[ ! -s "$work/missing" ]
t "every built-in profile has samples" $?
cat "$work/missing"
exit $bad

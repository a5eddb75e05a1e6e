#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# For a change that must not change what import stores: the database that another build of the program makes, statement by statement, of
# every example, every golden folder and every further FILE (a dump of the warehouse).
# Usage: same.sh OTHER-HINDCAST HINDCAST SRCDIR [FILE...]; one line "ok NAME" or "not ok NAME" per case.
set -u
other=$(realpath "$1")
hindcast=$(realpath "$2")
src=$(realpath "$3")
shift 3
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-same.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
dump() { sqlite3 "$1/hindcast.db" .dump | sha256sum; }

for folder in "$src"/examples/*/ "$src"/tests/golden/*/; do
    name=$(basename "$folder")
    for build in other hindcast; do
        mkdir -p "$work/$build" && cp -R "$folder" "$work/$build/$name" && chmod -R u+w "$work/$build/$name" || exit 2
        rm -rf "$work/$build/$name"/hindcast.db* "$work/$build/$name/report"
        eval "program=\$$build"
        (cd "$work/$build" && "$program" run -q "$name") >/dev/null 2>&1
    done
    [ "$(dump "$work/other/$name")" = "$(dump "$work/hindcast/$name")" ] && diff -r "$work/other/$name/report" "$work/hindcast/$name/report"
    t "the same database and report of $name" $?
done
for file; do
    for build in other hindcast; do
        eval "program=\$$build"
        rm -rf "$work/$build/file" && mkdir -p "$work/$build/file/evidence" && "$program" import -q -C "$work/$build/file" --profile warehouse "$file" >/dev/null 2>&1
    done
    [ "$(dump "$work/other/file")" = "$(dump "$work/hindcast/file")" ]
    t "the same database of $(basename "$file")" $?
done
exit $bad

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Databases of SQLite as files and as the text that its shell dumps, imported whole: both have to give what the library gives, row by row
# and value by value. Databases of others are read where they are at hand (HINDCAST_SHARED), else that test is skipped.
# Usage: sqlite.sh HINDCAST SRCDIR; one line "ok NAME" or "not ok NAME" per test.
set -u
hindcast=$1
src=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-sqlite.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
sql() { sqlite3 "$1/hindcast.db" "$2"; }
export PYTHONDONTWRITEBYTECODE=1
cd "$work" || exit 2

# same NAME DATABASE: the case NAME with the database and its dump, and a profile that keeps every column of every table.
same() {
    mkdir -p "$1/evidence" "$1/profiles" && cp "$2" "$1/evidence/x.db" && chmod u+w "$1/evidence/x.db" &&
        sqlite3 "$1/evidence/x.db" .dump >"$1/evidence/x.sql" && python3 "$src/tests/sqlite.py" profile "$1" &&
        { "$hindcast" import -q -C "$1" --profile all "$1/evidence/x.db" "$1/evidence/x.sql" || true; } && python3 "$src/tests/sqlite.py" compare "$1" &&
        [ "$(sql "$1" "SELECT group_concat(format || ' ' || rejected, ', ') FROM (SELECT * FROM source ORDER BY path)")" = 'sqlite 0, sqlite_dump 0' ]
}

python3 "$src/tests/sqlite.py" make made.db
same made made.db
t "every row of a database and of its dump is that of the library" $?
public=${HINDCAST_SHARED:-$src/../shared}/evidence/public/sqlite/chinook/Chinook_Sqlite.sqlite
if [ -r "$public" ]; then
    same public "$public"
    t "every row of the public database and of its dump is that of the library" $?
else
    echo "skipped: the public database is not at hand"
fi

# A log that lies beside is part of the database; one that comes later is not passed over in silence.
log() { cp "$src/tests/golden/sqlite/evidence/wal.db$2" "$1/evidence/$3" && chmod u+w "$1/evidence/$3"; }
mkdir -p wal/evidence/a wal/evidence/b && log wal '' a/x.db && log wal -wal a/x.db-wal && log wal '' b/x.db
"$hindcast" run -q wal >/dev/null 2>wal.err
[ "$(sql wal "SELECT group_concat(path || ' ' || status || ' ' || events, ', ') FROM (SELECT * FROM source ORDER BY path)")" = 'evidence/a/x.db read 5, evidence/a/x.db-wal part 0, evidence/b/x.db read 1' ] &&
    [ "$(sql wal "SELECT why FROM source WHERE status = 'part'")" = 'part of evidence/a/x.db' ] && sql wal "SELECT why FROM source WHERE path LIKE '%a/x.db'" | grep -q 'with the committed transactions'
t "the log beside a database is part of it" $?
"$hindcast" verify -C wal >/dev/null 2>&1
t "a database and its log are verified" $?
log wal -wal b/x.db-wal
"$hindcast" run -q wal >/dev/null 2>wal.err
[ $? = 3 ] && grep -q 'evidence/b/x.db: x.db-wal, which is part of it, changed since it was imported' wal.err
t "a log that came after its database was read is named" $?
mkdir -p two/evidence/a two/evidence/b && log two '' a/x.db && log two '' b/x.db && log two -wal b/x.db-wal
"$hindcast" run -q two >/dev/null 2>two.err
[ "$(sql two "SELECT group_concat(events, ' ') FROM (SELECT * FROM source WHERE status = 'read' ORDER BY path)")" = '3 3' ] && [ "$(sql two "SELECT duplicates FROM source WHERE path LIKE '%b/x.db'")" = 2 ] &&
    sql two "SELECT why FROM source WHERE path LIKE '%a/x.db'" | grep -q 'without a -wal file'
t "of two databases that differ in their logs both are read" $?
"$hindcast" verify -C two >/dev/null 2>&1
t "databases and logs are verified" $?
printf x >>two/evidence/b/x.db-wal
! "$hindcast" verify -C two >two.out 2>&1 && grep -q 'x.db-wal' two.out
t "a log that changed is found" $?

# An import that is narrowed to a name: the file and its dump have the same rows inside.
mkdir -p narrow && sqlite3 narrow/x.db "CREATE TABLE journals(id INTEGER PRIMARY KEY, name, version, action, submitted_date, submitted_by); INSERT INTO journals VALUES
    (1, 'spam', '1', 'create', '2023-11-22 00:00:01', 'ana'), (2, 'spam', '1', 'say' || char(9) || 'ana', '2023-11-22 00:00:02', 'bob'), (3, 'spam', '1', 'create', '2023-11-22 00:00:03', 'bob')" &&
    sqlite3 narrow/x.db .dump | sed "s/'say.*ana',/unistr('say\\\\u0009ana'),/" >narrow/x.sql
"$hindcast" import -q -C narrow --scope ana narrow/x.db narrow/x.sql 2>err
[ "$(sql narrow "SELECT group_concat(events || ' ' || duplicates || ' ' || ignored, ', ') FROM (SELECT * FROM source ORDER BY path)")" = '2 0 1, 0 2 1' ] && grep -q unistr narrow/x.sql
t "a scope has the same rows of a database and of its dump" $?
exit $bad

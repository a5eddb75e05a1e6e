#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples as a user runs them. Usage: case.sh HINDCAST SRCDIR; one line "ok NAME" or "not ok NAME" per test.
set -u
hindcast=$1
src=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-case.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
model=pypi-2023-11-22
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
fresh() { rm -rf "$work/$1" && mkdir "$work/$1" && cp -R "$src/examples/." "$work/$1/" && chmod -R u+w "$work/$1" && rm -rf "$work/$1"/*/hindcast.db* "$work/$1"/*/report; }
dump() { sqlite3 "$1/hindcast.db" .dump; }

fresh a
(cd "$work/a" && TZ=Asia/Kathmandu LC_ALL=C "$hindcast" run -q $model) >"$work/out" 2>"$work/err"
[ $? = 0 ] && [ "$(cat "$work/out")" = "$(printf '%s\n' "$model/report/incident.html" "$model/report/incident.md" "$model/report/timeline.svg")" ] &&
    [ ! -s "$work/err" ]
t "run reads all of the model case and names the report" $?
for log in mail.log mail.log.1.gz; do
    [ "$(sqlite3 "$work/a/$model/hindcast.db" "SELECT records FROM source WHERE path = 'evidence/mail/$log'")" = "$(
        gzip -dcf "$src/examples/$model/evidence/mail/$log" | wc -l)" ]
    t "every line of $log is counted" $?
done
"$hindcast" events -C "$work/a/$model" -f jsonl | grep -q '"actor": "\\"<script>alert(1)</script>\\"@spam.example"'
t "a sender with angle brackets in its quoted name is read whole" $?
"$hindcast" events -C "$work/a/$model" -f jsonl >"$work/events"
"$hindcast" verify -C "$work/a/$model" >/dev/null
t "verify passes on untouched evidence" $?
sqlite3 "$work/a/$model/hindcast.db" "SELECT count(*) FROM source WHERE records <> events + states + ignored + joined + duplicates + rejected" >"$work/n"
[ "$(cat "$work/n")" = 0 ]
t "the accounting of every source adds up" $?
[ "$(sqlite3 "$work/a/$model/hindcast.db" "SELECT sum(records) FROM source WHERE format = 'pg_dump'")" = "$(
    { cat "$src/examples/$model/evidence/db/before/warehouse.sql"; gzip -dc "$src/examples/$model/evidence/db/after/warehouse.sql.gz"; } |
    awk '/^\\\.$/{f=0} f{n++} /^COPY .* FROM stdin;$/{f=1} END{print n}')" ]
t "every row of both dumps is counted" $?
! sqlite3 "$work/a/$model/hindcast.db" .dump | grep -qaE 'argon2id|eyJhY3Rpb24'
t "no password or invitation token reached the database" $?

fresh b
(cd "$work/b" && TZ=America/St_Johns LC_ALL=C.UTF-8 "$hindcast" run -q -j 2 $model benign-week) >/dev/null 2>&1
dump "$work/a/$model" >"$work/dump.a"; dump "$work/b/$model" >"$work/dump.b"
cmp -s "$work/dump.a" "$work/dump.b"
t "another zone, locale and number of jobs give the same database" $?
diff -r "$work/a/$model/report" "$work/b/$model/report" >/dev/null
t "and the same report" $?
"$hindcast" events -C "$work/a/$model" >"$work/said.a"; "$hindcast" sources -C "$work/a/$model" -f csv >>"$work/said.a"
while read -r zone locale; do
    # a locale that does not exist is the same as C: nothing would be shown
    case $locale in C | POSIX) ;; *) locale -a 2>/dev/null | tr -d - | grep -qix "$(echo "$locale" | tr -d -)" || { echo "skipped locale $locale: not there"; continue; } ;; esac
    fresh l
    (cd "$work/l" && TZ=$zone LC_ALL=$locale LANGUAGE=de "$hindcast" run -q $model) >/dev/null 2>&1
    dump "$work/l/$model" | cmp -s "$work/dump.a" - && { TZ=$zone LC_ALL=$locale "$hindcast" events -C "$work/l/$model"
        TZ=$zone LC_ALL=$locale "$hindcast" sources -C "$work/l/$model" -f csv; } | cmp -s "$work/said.a" -
    t "the same bytes under $zone and $locale" $?
done <<L
Asia/Kathmandu tr_TR.UTF-8
Asia/Kathmandu de_DE.UTF-8
Pacific/Apia C.UTF-8
:/nonexistent C
L
(cd "$work/b" && "$hindcast" run -q $model) >/dev/null 2>&1
dump "$work/b/$model" | cmp -s "$work/dump.a" -
t "importing again changes nothing" $?

dump "$work/a/$model" >"$work/dump.c"
"$hindcast" correlate -C "$work/a/$model" && dump "$work/a/$model" | cmp -s "$work/dump.c" -
t "correlating again gives the same database" $?
"$hindcast" timeline -C "$work/a/$model" -f jsonl >"$work/timeline"
"$hindcast" findings -C "$work/a/$model" --fail-on warning >"$work/findings"
[ $? = 1 ] && [ "$(grep -c 'error: .*\[HC-REG-001\]$' "$work/findings")" = 1 ]
t "the takeover is found once" $?
"$hindcast" findings -C "$work/a/$model" -f json | python3 -c 'import json, sys
f = [x for x in json.load(sys.stdin) if x["rule"] == "HC-REG-001"]
steps = [(e["what"], e["object"]) for e in f[0]["events"]]
sys.exit(0 if len(f) == 1 and len(steps) == 13 and steps[-1] == ("delete", None) and len(set(steps)) == 13 else 1)'
t "its thirteen steps are listed" $?
"$hindcast" findings -C "$work/b/benign-week" --fail-on warning >/dev/null && [ -z "$("$hindcast" timeline -C "$work/b/benign-week")" ]
t "nothing is accused in the week in which nothing happened" $?
sqlite3 "$work/b/$model/hindcast.db" "UPDATE finding SET level = 'note'"
"$hindcast" verify -C "$work/b/$model" >/dev/null 2>"$work/err"
[ $? = 1 ] && grep -q 'other conclusions' "$work/err"
t "verify sees that a conclusion was changed" $?

"$hindcast" diff -C "$work/a/$model" before after >"$work/diff" && "$hindcast" diff -C "$work/a/$model" before after -f jsonl | python3 -c 'import json, sys
d = [json.loads(line) for line in sys.stdin]
rows = lambda change, table: [(x["subject"], x["object"] or x["detail"]) for x in d if (x["change"], x["table"]) == (change, table)]
four = ["arrapi", "nagerapi", "pmmutils", "tmdbapis"]
sys.exit(0 if rows("removed", "roles") == [("dvolk", p) for p in four] and rows("added", "roles") == [("meisnate12", p) for p in four]
    and rows("added", "users") == [("meisnate12", None)] and rows("added", "user_emails") == [("meisnate12", "meisnate12@example.net")]
    and not any(x["table"] in ("releases", "release_files") for x in d) else 1)' && grep -qx '  release_files: 180 -> 180 rows; 180 same, 0 added, 0 removed, 0 changed' "$work/diff"
t "diff tells what changed between the two dumps, and that no file did" $?
"$hindcast" report -C "$work/a/$model" -o "$work/again" >/dev/null && diff -r "$work/again" "$work/a/$model/report" >/dev/null
t "report writes the same again, where it is told" $?
for n in 2 3 10; do cp "$work/again/timeline.svg" "$work/again/timeline-$n.svg"; done
for n in 02 4; do echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$work/again/timeline-$n.svg"; done
cp "$work/again/timeline.svg" "$work/again/mine-2.svg" && ln -s mine-2.svg "$work/again/timeline-5.svg"
"$hindcast" report -C "$work/a/$model" -o "$work/again" >/dev/null &&
    [ "$(ls "$work/again" | tr '\n' ' ')" = "incident.html incident.md mine-2.svg timeline-02.svg timeline-4.svg timeline-5.svg timeline.svg " ]
t "figures that an earlier report has left and this one does not have are removed, nothing else is" $?
python3 "$src/tests/report.py" "$work/a/$model/report/incident.md" "$work/a/$model/evidence"
t "every sentence of the report is cited, and the cited lines hold what is quoted" $?
grep -q 'no rule accuses an account' "$work/b/benign-week/report/incident.md" && ! grep -qiE 'takeover|`(wagaliwa|naresi)`' "$work/b/benign-week/report/incident.md"
t "the report of the quiet week accuses nobody" $?
! grep -rE 'dvolk|meisnate|arrapi|tmdbapis|nagerapi|pmmutils' "$src/src" "$src/importers" "$src/reports" &&
    ! grep -rE '2023-11-22' "$src/src/sql" "$src/importers/profiles" "$src/reports/rules" "$src/reports/lang" "$src/reports/lessons" "$src/reports/templates"
t "no code, profile, rule or phrase knows a name or the day of the model case" $?
python3 "$src/tests/hostile.py" make "$src/examples/$model" "$work/hostile" && chmod -R u+w "$work/hostile" && "$hindcast" run -q "$work/hostile" >/dev/null &&
    "$hindcast" timeline -C "$work/hostile" >"$work/hostile.txt" && "$hindcast" timeline -C "$work/hostile" -f csv >"$work/hostile.csv" && "$hindcast" diff -C "$work/hostile" before after >"$work/hostile.diff" &&
    python3 "$src/tests/hostile.py" check "$work/hostile" "$work/hostile.txt" "$work/hostile.csv" "$work/hostile.diff"
t "hostile names and words stay text in page, figure, list and table" $?
mkdir -p "$work/b/$model/templates" && printf '{{front}}\n# {{title}}\n\n{{lead}}\n{{nonsense}}\n' >"$work/b/$model/templates/incident.md"
"$hindcast" report -C "$work/b/$model" >/dev/null 2>"$work/err"
[ $? = 2 ] && grep -q "no block called 'nonsense'" "$work/err"
t "a template that asks for what is not there is refused" $?
printf '{{front}}\n# {{title}}\n\n{{notes.cause}}\n{{references}}' >"$work/b/$model/templates/incident.md"
"$hindcast" report -C "$work/b/$model" >/dev/null && grep -q 'No part of the service failed' "$work/b/$model/report/incident.md" && ! grep -q Timeline "$work/b/$model/report/incident.md"
t "a case may have its own template, and notes go where it says" $?

fresh u
printf 'no format has this' >"$work/u/$model/evidence/note.bin"
(cd "$work/u" && "$hindcast" run -q $model) >/dev/null 2>"$work/err"
[ $? = 3 ] && grep -q 'evidence/note.bin: no importer takes it' "$work/err"
t "a file that nobody reads is named and shows in the status" $?

fresh k
for wait in 0.005 0.01 0.02 0.03 0.04 0.05 0.06; do
    (cd "$work/k" && timeout -s KILL $wait "$hindcast" run -q $model) >/dev/null 2>&1
done
(cd "$work/k" && "$hindcast" run -q $model) >/dev/null 2>&1
dump "$work/k/$model" | cmp -s "$work/dump.a" -
t "a killed import is completed to the same database" $?

for file in db/before/warehouse.sql chat/slack-export.zip audit/github-org-audit.ndjson mail/mail.log; do
    fresh v
    (cd "$work/v" && "$hindcast" run -q $model) >/dev/null 2>&1
    printf 'X' | dd of="$work/v/$model/evidence/$file" bs=1 seek=700 conv=notrunc 2>/dev/null
    "$hindcast" verify -C "$work/v/$model" >/dev/null 2>"$work/err"
    [ $? = 1 ] && grep -q "evidence/$file: its SHA-256" "$work/err"
    t "verify names $file when one byte of it is changed" $?
done

fresh c
head -c 400000 "$src/examples/$model/evidence/db/before/warehouse.sql" >"$work/c/$model/evidence/db/before/warehouse.sql"
(cd "$work/c" && "$hindcast" run -q $model) >/dev/null 2>&1
"$hindcast" sources -C "$work/c/$model" --rejects | grep -q 'the dump ends inside the COPY block'
t "a dump that was cut is told" $?
"$hindcast" events -C "$work/a/$model" | LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80[\xaa-\xae]'
[ $? = 1 ]
t "no control or bidirectional character of the evidence reaches a terminal" $?
if command -v python3 >/dev/null && [ -r "${HINDCAST_SHARED:-$src/../shared}/evidence/lab/$model/truth.json" ]; then
    python3 "$src/tests/truth.py" "${HINDCAST_SHARED:-$src/../shared}/evidence/lab/$model/truth.json" "$work/events"
    t "every dated database row, chat message and audit line of the truth is an event" $?
    python3 "$src/tests/timeline.py" "${HINDCAST_SHARED:-$src/../shared}/evidence/lab/$model/truth.json" "$work/timeline" "$work/a/$model/evidence"
    t "the timeline is the truth, entry by entry and witness by witness" $?
    python3 "$src/tests/report.py" "$work/a/$model/report/incident.md" "$work/a/$model/evidence" "${HINDCAST_SHARED:-$src/../shared}/evidence/lab/$model/truth.json"
    t "the report tells the truth: durations, counts, words and gaps" $?
else
    echo "skipped truth: the evidence lab is not there"
fi
"$hindcast" timeline -C "$work/a/$model" | sed 's/^/    /' >"$work/shown"
grep -E '^    (  [0-9:.]+  |      repeated|2023)' "$src/README.md" >"$work/readme" && ! grep -vxFf "$work/shown" "$work/readme" && [ "$(wc -l <"$work/readme")" -ge 5 ]
t "the tour in the README shows what is printed" $?
exit $bad

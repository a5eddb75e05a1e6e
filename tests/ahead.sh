#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ahead.sh HINDCAST SRCDIR: behind the first megabyte lines are looked at by another thread before they are read. What they tell is the same: lines
# of tests/golden and tests/corpus, and some that are made to go wrong, stand in a small file, and in another behind a megabyte of empty lines.
set -eu
hindcast=$1
src=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# All but where it stands.
facts() {
    { "$hindcast" events -C "$1" -f jsonl && "$hindcast" sources -C "$1" --rejects; } |
        sed 's/"record": [0-9]*, "line": [0-9]*, "offset": [0-9]*//; s/"sha256": "[0-9a-f]*"//; s/\(line\|byte\) [0-9]*//g; /empty lines/d
             s/large:[0-9]*/large/; /records,\|bytes/d'
}

# NAME OPTIONS: $dir/first is the first line, $dir/rest all others.
compare() {
    mkdir -p "$dir/near/evidence" "$dir/far/evidence"
    { cat "$dir/first" && printf '\n\n' && cat "$dir/rest"; } >"$dir/near/evidence/large"
    { cat "$dir/first" && yes '' | head -n 3000000 && cat "$dir/rest"; } >"$dir/far/evidence/large"
    for c in near far; do
        "$hindcast" import -q -C "$dir/$c" $2 "$dir/$c/evidence/large" >/dev/null 2>&1 || [ $? = 3 ]
        facts "$dir/$c" >"$dir/$c.facts"
    done
    if [ "$(wc -l <"$dir/near.facts")" -lt 100 ] || [ "$(wc -c <"$dir/near/evidence/large")" -gt 1000000 ]; then
        echo "FAIL $1: too little, or too much, to be compared"
        failed=1
    elif diff "$dir/near.facts" "$dir/far.facts" >"$dir/diff"; then
        echo "ok $1: $(wc -l <"$dir/near.facts") lines about what is the same, read ahead or not"
    else
        echo "FAIL $1: read ahead, the lines tell something else"
        head -4 "$dir/diff"
        failed=1
    fi
    rm -rf "$dir/near" "$dir/far"
}

echo 'Nov  1 00:00:00 relay1 first: line' >"$dir/first"
for f in "$src"/tests/corpus/syslog/* "$src"/tests/golden/*/evidence/*.log; do
    head -c 20000 "$f" | tr -d '\000'
    echo
done >"$dir/rest"
compare syslog "--format syslog --year 2023"

echo '{"@timestamp":1672531200000,"_document_id":"0","action":"first"}' >"$dir/first"
{
    cat "$src"/tests/golden/github/evidence/*
    for i in 1 2 3 4 5 6 7 8 9; do
        printf '{"@timestamp":16725312%d0000,"_document_id":"a%d","action":"git.\\u0063lone","actor":"%s","user_agent":"\\"x\\u00e9\\"","team":null}\n' \
            $i $i 'n\/a' 
        printf '{"_document_id":"b%d","action":"a","action":"team.create","actor":{"x":[1]},"org":1.5e3,"@timestamp":16725312%d0000}{"@timestamp":' $i $i
        printf '1672531%d00000,"_document_id":"c%d"}\n  {"@timestamp":1672531200000,"_document_id":"d%d","actor":"null"}  \r\n\n[1]\n{"a":\n' $i $i $i
        printf '{"@timestamp":1672531200000,"_document_id":"e%d"} tail\n{"a":"\303("}\n\r\n{"@timestamp":1672531200000,"_document_id":"f%d"}\r\n' $i $i
    done
} >"$dir/rest"
compare json "--format json --profile github"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole test suite from a fresh Debian 12. `--all` adds the slow sets: a browser, dumps of real database servers,
# distcheck, fuzzing and the long comparison of the scanner.
set -u
cd "$(dirname "$0")" || exit 1
. ./tests/setup.sh
all=0
[ "${1:-}" = --all ] && all=1
HINDCAST_SHARED=${HINDCAST_SHARED:-$PWD/../shared}
export HINDCAST_SHARED
log=$(mktemp) || exit 1
trap 'rm -f "$log" "$log".*' EXIT
step() { # name, command...
    name=$1
    shift
    from=$(($(wc -l <"$log") + 1))
    if "$@" >>"$log" 2>&1; then echo "ok $name" | tee -a "$log"; return; fi
    echo "not ok $name" | tee -a "$log"
    tail -n "+$from" "$log" | grep -B 5 '^not ok\|ERROR: \|runtime error' | head -n 100 # what failed need not be what came last
    tail -n 40 "$log"
}
# Root does not notice when a read-only source tree is written to: a copy of what git lists is checked by a user without rights.
distcheck() {
    [ "$(id -u)" = 0 ] || { make -C build -s distcheck; return; }
    copy=$(mktemp -d /tmp/hindcast-distcheck.XXXXXX) || return 1
    git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ -e "$f" ] && printf "%s\0" "$f"; done' sh |
        tar -c --null -T - | tar -x -C "$copy" && chown -R nobody "$copy"
    setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$copy" sh -c \
        "cd '$copy' && autoreconf -fi >/dev/null 2>&1 && mkdir build && cd build && ../configure >/dev/null && make -s distcheck"
    status=$?
    chmod -R u+w "$copy" && rm -rf "$copy"
    return $status
}
fuzz_build() {
    mkdir -p build-fuzz && (cd build-fuzz && ../configure CC=clang --enable-sanitizers CFLAGS="-O1 -g -fsanitize=fuzzer-no-link" >/dev/null &&
        make -s -j2 tests/fuzz/fuzzer tests/fuzz/rulefuzzer)
}
# What the fuzzer finds on its way stays in build-fuzz; a file that fails goes to tests/corpus by hand, with the fix.
fuzz() {
    mkdir -p "build-fuzz/corpus/$1" &&
        HC_FUZZ_IMPORTER=$1 build-fuzz/tests/fuzz/fuzzer -max_total_time=60 -max_len=8192 -timeout=10 -artifact_prefix="build-fuzz/$1-" \
            "build-fuzz/corpus/$1" "tests/corpus/$1"
}
# The pages that a browser gets, from the model case and from its hostile twin.
pages() {
    work=$(mktemp -d /tmp/hindcast-pages.XXXXXX) || return 1
    cp -R examples/pypi-2023-11-22 "$work/model" && rm -rf "$work/model/hindcast.db" "$work/model/report" && build/hindcast run -q "$work/model" &&
        sh tests/browser.sh "$work/model/report/incident.html" && python3 tests/hostile.py make examples/pypi-2023-11-22 "$work/hostile" &&
        build/hindcast run -q "$work/hostile" && sh tests/browser.sh "$work/hostile/report/incident.html"
    status=$?
    rm -rf "$work"
    return $status
}
# Every scenario of the evidence lab, which is not part of the project.
lab() {
    work=$(mktemp -d /tmp/hindcast-lab.XXXXXX) && python3 tests/lab.py "$PWD/build/hindcast" "$PWD" "$work" "$HINDCAST_SHARED/evidence/lab" --all
    status=$?
    rm -rf "$work"
    return $status
}
# What needs other programs: a browser, real servers and daemons; runs that are killed; and much of what is asked of the plain build.
programs() {
    step "a browser" need_packages chromium
    step "pages in a browser" pages
    step "a PostgreSQL" need_packages "postgresql postgresql-client"
    step "all zones against Python, GLib and PostgreSQL" python3 tests/times.py build/tests/times --all
    step "archives of a real PostgreSQL" python3 tests/postgres.py build/tests/pgtext
    if need_packages "postgresql-15 mariadb-server-core mariadb-client" >>"$log" 2>&1; then step "dumps of real servers" python3 tests/servers.py build/hindcast
    else echo "skipped dumps of real servers: they cannot be installed" | tee -a "$log"; fi
    step "logs of a real Exim" python3 tests/exim.py build/hindcast
    step "logs of other real daemons" python3 tests/mta_other.py build/hindcast
    step "distcheck, as an ordinary user" distcheck
    step "nights and New Years of the lab" lab
    step "imports in any order" sh -c 'python3 tests/order.py build/hindcast . 12 && python3 tests/order.py build/hindcast . 6 tests/golden/*/'
    step "fifty runs that are killed" python3 tests/crash.py build/hindcast . 50
    step "writers of SQLite that are killed" python3 tests/sqlite_crash.py build/hindcast 40
    step "correlations against their definition, long" python3 tests/correlations.py build/hindcast 100000
    step "every byte of a rollback journal" env HINDCAST_TEST_LONG=1 CK_RUN_SUITE=rollback build/tests/unit/check_all
    step "every byte of a database and its log" env HINDCAST_TEST_LONG=1 CK_RUN_SUITE=sqlite build/tests/unit/check_all
    step "a database beyond 1 GiB" env HINDCAST_TEST_LONG=1 CK_RUN_SUITE=bulk build/tests/unit/check_all
    step "scanner against jansson, long" build/tests/fuzz/json_vs_jansson 2000000
}
# Outside data under sanitizers: fuzzers, and evidence that was changed.
inputs() {
    step "build with a fuzzer" fuzz_build
    for importer in $(ls tests/corpus); do step "a minute of fuzzing $importer" fuzz "$importer"; done
    step "a minute of fuzzing rules" sh -c 'mkdir -p build-fuzz/corpus/rules && build-fuzz/tests/fuzz/rulefuzzer -max_total_time=60 -max_len=8192 -timeout=10 \
        -artifact_prefix=build-fuzz/rules- build-fuzz/corpus/rules tests/fuzz/rules.corpus'
    step "bad input, long" env ASAN_OPTIONS=detect_leaks=1 python3 tests/bad.py build-san/hindcast . 4000
    step "importers against changed evidence, long" env ASAN_OPTIONS=detect_leaks=1 sh -c 'find examples -type f | LC_ALL=C sort | xargs build-san/tests/fuzz/importers 300 && find tests/corpus -type f | LC_ALL=C sort | xargs build-san/tests/fuzz/importers 60'
}
need_packages "clang libclang-rt-14-dev clang-format-14" >>"$log" 2>&1 || { tail "$log"; echo "0 passed, 1 failed"; exit 1; }
step "build with gcc, warnings are errors" build_in build --enable-werror
# The suite mostly waits for one process: what follows has the other core.
(log=$log.suite; : >"$log"; step "suite" make -C build -s check) &
suite=$!
# It has its say before anything is optimised.
step "build with clang, warnings are errors" build_in build-clang CC=clang --enable-werror CFLAGS=-O0
step "build with sanitizers" build_in build-san --enable-werror --enable-sanitizers CFLAGS="-O1 -g"
step "suite under sanitizers" env CK_FORK=no ASAN_OPTIONS=detect_leaks=1 make -C build-san -s check
step "every line as clang-format writes it" sh -c 'git ls-files "*.[ch]" | xargs clang-format-14 --dry-run -Werror'
wait "$suite"
cat "$log.suite" >>"$log"
step "tarball" sh -c 'cd build && sh ../tests/dist.sh ..'
if [ $all = 1 ]; then
    # Two lanes, as there are two cores; each has a log of its own.
    (log=$log.outside; : >"$log"; programs) &
    programs=$!
    (log=$log.inside; : >"$log"; inputs)
    wait "$programs"
    cat "$log.outside" "$log.inside" >>"$log"
fi
# Every "ok" of the sets inside counts, as do the unit tests by their own totals.
passed=$(grep -c '^ok ' "$log")
failed=$(grep -c '^not ok ' "$log")
skipped=$(grep -c '^skipped ' "$log")
unit=$(sed -n 's/^unit: \([0-9]*\) passed, .*/\1/p' "$log" | awk '{n+=$1} END{print n+0}')
echo "$((passed + unit)) passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]

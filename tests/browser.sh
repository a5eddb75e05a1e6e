#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A page of ours in a real browser. Usage: browser.sh PAGE.html [DIR]; prints "ok NAME" or "not ok NAME" per test, or one line
# "skipped ..." where there is no browser. With DIR, pictures of the page are put there, a screen high each, to be looked at.
set -u
page=$1
shots=${2:-}
name=$(basename "$page")
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
[ -n "$browser" ] || { echo "skipped browser: chromium is not there"; exit 0; }
command -v python3 >/dev/null || { echo "skipped browser: python3 is not there"; exit 0; }
profile=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-browser.XXXXXX") || exit 2
trap 'rm -rf "$profile"' EXIT
timeout -k 5 150 python3 "$(dirname "$0")/browser.py" "$browser" "$profile" "$page" "$shots"
status=$?
[ $status -le 1 ] || { echo "not ok $name: the browser did not answer (status $status)"; status=1; }
exit $status

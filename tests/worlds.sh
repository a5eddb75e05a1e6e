#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests that make small worlds of their own, in a folder of their own. Usage: worlds.sh HINDCAST SRCDIR NAME, of tests/NAME.py.
set -u
export PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-$3.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
lab=${HINDCAST_SHARED:-$2/../shared}/evidence/lab
case $3 in
statements) python3 "$2/tests/$3.py" "$1" "$2" "$work" ;;
clocks | lab) python3 "$2/tests/$3.py" "$1" "$2" "$work" "$lab" ;;
lab_incidents) python3 "$2/tests/$3.py" "$1" "$work" "$lab" ;;
*) python3 "$2/tests/$3.py" "$1" "$work" ;;
esac

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to the model case: installs what is missing, builds in build/, imports the evidence.
set -eu
cd "$(dirname "$0")"
. ./tests/setup.sh
need_packages
build_in build
build/hindcast run -q examples/pypi-2023-11-22
echo
echo "The six minutes of the takeover, as the registry recorded them:"
build/hindcast events -C examples/pypi-2023-11-22 | grep -a ' role-.* \| account-create ' | grep -a '^2023-11-22T08:4'
echo
build/hindcast verify -C examples/pypi-2023-11-22
echo "Not there yet: the timeline, findings and the report."

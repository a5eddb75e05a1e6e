#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to the model case: installs what is missing, builds in build/, imports the evidence.
set -eu
cd "$(dirname "$0")"
. ./tests/setup.sh
need_packages
build_in build
build/hindcast run -q examples/pypi-2023-11-22 >build/written
echo
echo "What happened, in UTC:"
build/hindcast timeline -C examples/pypi-2023-11-22
echo
build/hindcast findings -C examples/pypi-2023-11-22
build/hindcast verify -C examples/pypi-2023-11-22
echo
echo "The report:"
grep incident build/written

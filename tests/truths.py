#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""truths.py HINDCAST SOURCE [NAME...]: public samples that nobody of this project wrote, read in place, against what their origin says of them. Each
adapter in tests/truths (all, or those that are named) gives sets; see tests/truths/_set.py. Without $HINDCAST_SHARED/evidence/public all is skipped."""
import importlib.util
import os
import sys

hindcast, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
folder = os.path.join(source, "tests", "truths")
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
import _set  # noqa: E402

shared = os.environ.get("HINDCAST_SHARED", os.path.join(source, "..", "shared"))
public = os.path.join(shared, "evidence", "public")
passed = failed = skipped = 0


def adapters():
    names = sys.argv[3:] or sorted(f[:-3] for f in os.listdir(folder) if f.endswith(".py") and not f.startswith("_"))
    for name in names:
        spec = importlib.util.spec_from_file_location(name, os.path.join(folder, name + ".py"))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


for adapter in adapters():
    for truth in adapter.SETS:
        if not os.path.isdir(os.path.join(public, truth.path)):
            skipped += 1
            print(f"skipped {truth.path} is not here")
            continue
        result = _set.run(truth, hindcast, public)
        for line in result.lines:
            print(line)
        passed += result.passed
        failed += result.failed
print(f"truths: {passed} passed, {failed} failed, {skipped} skipped")
sys.exit(failed > 0)

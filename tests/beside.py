# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of its input, a line each, side by side and tells what they say in the order in which they stand there: beside.py [JOBS], else as
many as there are processors. A command that fails without a line "not ok ..." gets one. Its exit status is 1 where one fails. CHECK_TIMES=1
in the environment shows what each took."""
import concurrent.futures
import os
import subprocess
import sys
import time

jobs = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else len(os.sched_getaffinity(0))


def run(command):
    """What it says, and whether it is content."""
    began = time.monotonic()
    with subprocess.Popen(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if os.environ.get("CHECK_TIMES"):
        print(f"{time.monotonic() - began:7.1f} s, {used.ru_utime + used.ru_stime:7.1f} s of CPU: {command}", file=sys.stderr, flush=True)
    if said and not said.endswith(b"\n"):
        said += b"\n"
    if process.returncode and not any(line.startswith(b"not ok ") for line in said.splitlines()):
        said += f"not ok {command} (exit status {process.returncode})\n".encode()
    return said, process.returncode == 0


commands = [line.strip() for line in sys.stdin if line.strip()]
good = True
with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
    for said, content in pool.map(run, commands):
        sys.stdout.buffer.write(said)
        sys.stdout.buffer.flush()
        good = good and content
sys.exit(not good)

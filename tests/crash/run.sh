#!/bin/sh
# kill -9 under load, CRASH_ROUNDS (20) times.
cd "$(dirname "$0")/../.." || exit 1
exec python3 tests/crash/crash.py "$(realpath "$1")"

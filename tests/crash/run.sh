#!/bin/sh
# kill -9 under load, CRASH_ROUNDS (20) times.
cd "$(dirname "$0")/../.." || exit 1
python=/usr/bin/python3
[ -x $python ] || python=python3
exec $python tests/crash/crash.py "$(realpath "$1")"

#!/bin/sh
# Every end-to-end test against the given binary; ends with one line over all.
cd "$(dirname "$0")" || exit 1
binary=$(cd ../.. && realpath "$1")
# Debian's own, whose modules the packages bring.
python=/usr/bin/python3
[ -x $python ] || python=python3
passed=0
failed=0
for test in trackers.py openapi.py simulate.py; do
    [ -f "$test" ] || continue
    out=$($python "$test" "$binary" 2>&1)
    status=$?
    echo "$out"
    line=$(echo "$out" | grep -E '^[0-9]+ passed, [0-9]+ failed' | tail -n 1)
    passed=$((passed + $(echo "${line:-0 }" | cut -d' ' -f1)))
    f=$(echo "$line" | sed -n 's/.*, \([0-9]*\) failed.*/\1/p')
    f=${f:-1}
    [ $status -ne 0 ] && [ "$f" -eq 0 ] && f=1
    failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

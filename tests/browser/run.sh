#!/bin/sh
# The web app in a real browser, against the real server and simulated trackers.
#   run.sh MILEPOST   the program to test; screenshots land in build/screenshots
# Chromium is Debian's; nothing is downloaded.  WEB_DIR=web/dist tests files that are not
# built into the program.  SCREENS=0 leaves out the round of screenshots.
cd "$(dirname "$0")/../.." || exit 1
program=$(realpath "${1:-build/milepost}")
chromium=${CHROMIUM:-/usr/bin/chromium}
if [ ! -x "$chromium" ]; then
    echo "skipped: there is no $chromium"
    exit 0
fi
if [ ! -d web/node_modules/playwright-core ]; then
    echo "skipped: run npm ci in web/ first"
    exit 0
fi
log=$(mktemp)
MILEPOST=$program CHROMIUM=$chromium timeout -k 10 600 \
    node --test --test-reporter=tap tests/browser/app.test.mjs 2>&1 | tee "$log"
passed=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$log" | tail -n 1)
failed=$(sed -n 's/^# \(fail\|cancelled\) \([0-9]*\)$/\2/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
rm -f "$log"
[ "${passed:-0}" -eq 0 ] && failed=$((failed + 1)) # it ended before it could say
echo "${passed:-0} passed, $failed failed"
[ "$failed" -eq 0 ]

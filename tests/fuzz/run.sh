#!/bin/sh
# Fuzzes: every target, or those that are named, for FUZZ_SECONDS (60) each, from what
# the test frames say.  What is found stays in the build folder: FUZZ_BUILD (build-fuzz).
#   tests/fuzz/run.sh [TARGET...]
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FUZZ_BUILD:-$root/build-fuzz}
seconds=${FUZZ_SECONDS:-60}

if [ ! -f "$build/build.ninja" ]; then
    CC=${CC:-clang} meson setup "$build" "$root" -Dfuzz=true -Db_lundef=false \
        -Db_sanitize=address,undefined \
        -Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined'
else
    meson setup --reconfigure "$build" "$root"
fi

targets=${*:-$(cd "$root/tests/fuzz" && ls *.c | sed 's/\.c$//')}
ninja -C "$build" tests/frames $(for t in $targets; do echo "tests/fuzz_$t"; done)
mkdir -p "$build/seeds"
find "$root/tests/frames" -name '*.txt' -exec "$build/tests/frames" --seeds "$build/seeds" {} +

failed=
for t in $targets; do
    mkdir -p "$build/corpus/$t" "$build/seeds/$t"
    echo "fuzz $t for $seconds s"
    "$build/tests/fuzz_$t" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=2048 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$build/found-$t-" \
        "$build/corpus/$t" "$build/seeds/$t" >"$build/log-$t" 2>&1 || failed="$failed $t"
    grep -E '^stat::number_of_executed_units|ERROR|Assertion|SUMMARY' "$build/log-$t" || true
done
[ -z "$failed" ] || { echo "failed:$failed; see $build/log-*"; exit 1; }

#!/bin/sh
# Prints every figure beside its yardstick, from an optimised build of its own.
cd "$(dirname "$0")/.." || exit 1
build=${BENCH_BUILD:-build-bench}
[ -f "$build/build.ninja" ] || meson setup "$build" -Db_ndebug=true >/dev/null
ninja -C "$build" --quiet milepost bench_decode bench_journal bench_ingest bench_tcp bench_store || exit 1
for bench in decode journal ingest store; do
    echo "== $bench"
    "$build/bench/bench_$bench" || exit 1
done
echo "== tcp"
"$build/bench/bench_tcp" "$build/milepost"

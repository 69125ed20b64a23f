#!/bin/sh
# Runs test suites and ends with one line, "N passed, N failed", over all of them.
#   run.sh quick   units and test frames, from build/
#   run.sh all     everything; each suite's output is kept in build/test-logs
# A suite says "N passed, N failed" in its last lines; one that says nothing counts as
# one test, by its exit status.
cd "$(dirname "$0")/.." || exit 1
build=build
logs=$build/test-logs
mkdir -p "$logs"
passed=0
failed=0

# suite NAME COMMAND...
suite() {
    name=$1
    shift
    began=$(date +%s)
    "$@" >"$logs/$name.log" 2>&1
    status=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$logs/$name.log" | tail -n 1)
    if [ -n "$line" ]; then
        p=${line%% *}
        f=$(echo "$line" | sed 's/.*, \([0-9]*\) failed.*/\1/')
    else
        p=$((status == 0))
        f=0
    fi
    [ $status -ne 0 ] && [ "$f" -eq 0 ] && f=1
    passed=$((passed + p))
    failed=$((failed + f))
    printf '%-28s %5d passed, %d failed  (%d s)\n' "$name" "$p" "$f" $(($(date +%s) - began))
    if [ "$f" -ne 0 ]; then
        echo "--- the end of $logs/$name.log"
        tail -n 40 "$logs/$name.log"
        echo "---"
    fi
    grep -E '^skipped' "$logs/$name.log"
    return 0
}

# frames_of DIR: every file of test frames, with the runner that was built there.
frames_of() {
    "$1/tests/frames" tests/frames/*.txt && "$1/tests/frames" --missing tests/frames/*.txt
}

compile() {
    dir=$1
    shift
    [ -f "$dir/build.ninja" ] || CC=$compiler meson setup "$dir" "$@" || return 1
    ninja -C "$dir"
}

conformance() {
    if [ ! -x ../shared/conformance/score ]; then
        echo "skipped: the recorded frames of ../shared are not there"
        echo "0 passed, 0 failed"
        return 0
    fi
    tests/conformance.sh "$build/milepost"
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}

suite unit $build/tests/unit
suite frames frames_of $build
[ "$1" = quick ] && finish

compiler=gcc suite compile-gcc compile build-gcc --werror
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
compiler=clang suite compile-sanitizers compile build-san --werror \
    -Db_sanitize=address,undefined -Db_lundef=false
suite unit-sanitized build-san/tests/unit
suite frames-sanitized frames_of build-san
suite conformance conformance
suite fuzz tests/fuzz/run.sh
suite format tests/format.sh
suite analysis tests/analysis.sh build-gcc
suite generated tests/generated.sh $build/milepost
suite e2e tests/e2e/run.sh $build/milepost
suite e2e-sanitized tests/e2e/run.sh build-san/milepost
suite crash tests/crash/run.sh $build/milepost
suite web tests/web.sh
suite browser tests/browser/run.sh $build/milepost
finish

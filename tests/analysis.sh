#!/bin/sh
# The static analyser, over everything that was compiled into the given build.
cd "$(dirname "$0")/.." || exit 1
cppcheck --project="$1/compile_commands.json" --enable=warning,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress='*:*/registry.c' --error-exitcode=1 --quiet -j 2

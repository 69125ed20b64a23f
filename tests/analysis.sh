#!/bin/sh
# The static analyser, over everything that was compiled into the given build.  What is
# suppressed are sentences that the analyser itself cannot read, and arithmetic shifts.
cd "$(dirname "$0")/.." || exit 1
cppcheck --project="$1/compile_commands.json" --enable=warning,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=internalAstError --suppress=unknownMacro \
    --suppress=shiftTooManyBitsSigned --suppress='*:*/registry.c' \
    --error-exitcode=1 --quiet -j 2

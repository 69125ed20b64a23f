#!/bin/sh
# The formatter has nothing to change.
cd "$(dirname "$0")/.." || exit 1
git ls-files '*.[ch]' | xargs clang-format --dry-run --Werror

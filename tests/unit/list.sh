#!/bin/sh
# Lists the unit tests for the build, so that adding a file needs no list to edit.
#   list.sh --files     the files: all but the runner
#   list.sh FILE...     the table of their functions, as C
if [ "$1" = --files ]; then
    cd "$(dirname "$0")" || exit 1
    ls *.c | grep -v '^unit\.c$' | LC_ALL=C sort | sed 's|^|unit/|'
    exit
fi
echo '#include <stddef.h>'
for f; do printf 'void test_%s(void);\n' "$(basename "$f" .c)"; done
echo 'struct unit { const char *name; void (*run)(void); };'
echo 'extern const struct unit units[];'
echo 'extern const size_t unit_count;'
echo 'const struct unit units[] = {'
for f; do n=$(basename "$f" .c); printf '    {"%s", test_%s},\n' "$n" "$n"; done
echo '};'
echo 'const size_t unit_count = sizeof units / sizeof *units;'

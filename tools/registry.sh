#!/bin/sh
# Writes the table of protocols: one line for each file that it is given.
echo '#include "core/protocol.h"'
for f; do printf 'extern const struct protocol proto_%s;\n' "$(basename "$f" .c)"; done
echo 'const struct protocol *const protocols[] = {'
for f; do printf '    &proto_%s,\n' "$(basename "$f" .c)"; done
echo '};'
echo 'const size_t protocol_count = sizeof protocols / sizeof *protocols;'

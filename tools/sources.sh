#!/bin/sh
# Lists source files for the build, so that adding a file needs no list to edit.
#   sources.sh DIR ROOM...   every .c file of these rooms, folders inside them too
#   sources.sh --protocols   the files that export a protocol: one level deep
cd "$(dirname "$0")/.." || exit 1
if [ "$1" = --protocols ]; then
    find src/protocols -maxdepth 1 -name '*.c' | LC_ALL=C sort
    exit
fi
dir=$1
shift
for room; do
    [ -d "$dir/$room" ] && find "$dir/$room" -name '*.c'
done | LC_ALL=C sort

#!/bin/sh
# Puts the built web app into the program: writes a C file with one table of files.
#   embed.sh DIST OUTPUT.c WORKDIR
# The bytes are taken in by the assembler, as they are and, where that is smaller,
# compressed.  The output is left alone when nothing has changed.  Without DIST the
# table is empty.
set -eu
export LC_ALL=C
dist=$1
out=$2
work=$3
mkdir -p "$work"
work=$(cd "$work" && pwd)

blob() { # NAME PATH
    printf '__asm__(".section .rodata\\n.balign 16\\n%s:\\n.incbin \\"%s\\"\\n' "$1" "$2"
    printf '%s_end:\\n.byte 0\\n.previous\\n");\n' "$1"
    printf 'extern const unsigned char %s[], %s_end[];\n' "$1" "$1"
}

compressed() { # PATH ETAG: makes and names the compressed form, if it is worth it
    case $1 in
    *.html | *.js | *.css | *.svg | *.json | *.webmanifest | *.map | *.txt | *.geojson) ;;
    *) return ;;
    esac
    gz=$work/$2.gz
    [ -f "$gz" ] || { gzip -9nc "$1" >"$gz.new" && mv "$gz.new" "$gz"; }
    [ "$(wc -c <"$gz")" -lt "$(wc -c <"$1")" ] && echo "$gz"
}

generate() {
    echo '/* Written by tools/embed.sh. */'
    echo '#include "api/static.h"'
    n=0
    table=
    for file in $files; do
        etag=$(sha256sum "$dist/$file" | cut -c1-20)
        blob "web_$n" "$dist/$file"
        gz=$(compressed "$dist/$file" "$etag") || gz=
        packed='0, 0'
        if [ -n "$gz" ]; then
            blob "web_${n}_gz" "$gz"
            packed="web_${n}_gz, web_${n}_gz_end"
        fi
        table="$table    {\"$file\", web_$n, web_${n}_end, $packed, \"\\\"$etag\\\"\"},
"
        n=$((n + 1))
    done
    echo 'const struct web_file web_files[] = {'
    printf '%s' "$table"
    echo '    {0},'
    echo '};'
    echo "const size_t web_file_count = $n;"
}

files=
if [ -f "$dist/index.html" ]; then
    dist=$(cd "$dist" && pwd)
    # Names that need quoting somewhere on their way are left out.
    files=$(cd "$dist" && find . -type f | sed 's|^\./||' | grep -v '[^A-Za-z0-9._/-]' | sort)
fi
generate >"$out.new"
if cmp -s "$out.new" "$out"; then
    rm "$out.new"
else
    mv "$out.new" "$out"
fi

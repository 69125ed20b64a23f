#!/bin/sh
# What is generated from the program is up to date.
cd "$(dirname "$0")/.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tools/docs.sh "$1" "$dir" && diff -u docs/protocols.md "$dir/docs/protocols.md" &&
    diff -u README.md "$dir/README.md"

#!/bin/sh
# Installs what is missing of the Debian packages that a job needs; as root or by sudo.
#   deps.sh build    to build and run
#   deps.sh test     to run all tests as well
set -eu
build="build-essential meson ninja-build pkg-config libuv1-dev libmicrohttpd-dev
libwslay-dev libsqlite3-dev libzstd-dev libsodium-dev libjansson-dev libgnutls28-dev ca-certificates tzdata"
test="clang clang-format clang-tidy cppcheck libclang-rt-14-dev chromium python3 python3-yaml
python3-jsonschema fonts-dejavu-core"
want=$build
[ "${1:-build}" = test ] && want="$build $test"
# Debian's Node only where there is none: beside another one the packages conflict.
command -v node >/dev/null 2>&1 || want="$want nodejs"
command -v npm >/dev/null 2>&1 || want="$want npm"

missing=
for package in $want; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null

#!/bin/sh
# The web app: types, units, size.
cd "$(dirname "$0")/../web" || exit 1
npm run --silent check && npm test --silent && node tools/size.mjs

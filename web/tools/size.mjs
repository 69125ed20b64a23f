/*
 * Holds the app to its budget: our own script, compressed, without the libraries that
 * draw map and graph.
 * Run after a build; ends with 1 where it has grown too large.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET = 120_000
const NOT_OURS = /^(maplibre|uplot)-/
const folder = new URL('../dist/assets/', import.meta.url)

let sum = 0
for (const name of readdirSync(folder).filter((n) => n.endsWith('.js') && !NOT_OURS.test(n)))
  sum += gzipSync(readFileSync(new URL(name, folder))).length
console.log(`${sum} of ${BUDGET} bytes of script, compressed`)
process.exit(sum > BUDGET ? 1 : 0)

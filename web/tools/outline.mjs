/*
 * Makes src/map/world.json, the base map that needs no internet: land, borders and
 * the names of countries, from Natural Earth (public domain) as the npm package
 * world-atlas carries it.  The result is committed; to make it again:
 *
 *     npm install --no-save world-atlas@2 topojson-client@3 && node tools/outline.mjs
 *
 * The file is a small topology: `arcs` are delta-coded integers that `transform`
 * turns into degrees; `land` and `borders` name arcs (~i is arc i backwards).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { feature, mergeArcs, meshArcs } from 'topojson-client'

const require = createRequire(import.meta.url)
const read = (name) => JSON.parse(readFileSync(require.resolve(`world-atlas/${name}.json`), 'utf8'))

const topology = read('countries-50m')
const countries = topology.objects.countries

/* Twice the area of a ring in square degrees, and its centroid. */
function centroid(ring) {
  let twice = 0, x = 0, y = 0
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const cross = ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1]
    twice += cross
    x += (ring[j][0] + ring[i][0]) * cross
    y += (ring[j][1] + ring[i][1]) * cross
  }
  return { area: Math.abs(twice), x: x / (3 * twice), y: y / (3 * twice) }
}

function label(country) {
  const geometry = feature(topology, country).geometry
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const largest = polygons.map((p) => centroid(p[0])).sort((a, b) => b.area - a.area)[0]
  const round = (value) => Math.round(value * 100) / 100
  return [country.properties.name, round(largest.x), round(largest.y), Math.round(largest.area * 10) / 10]
}

const land = mergeArcs(topology, countries.geometries)
const borders = meshArcs(topology, countries, (a, b) => a !== b)
const world = {
  source: 'Natural Earth, public domain',
  transform: topology.transform,
  land: land.arcs,
  borders: borders.arcs,
  countries: countries.geometries.filter((c) => c.properties.name).map(label)
    .filter(([, x, y, area]) => Number.isFinite(x) && Number.isFinite(y) && area > 0.2),
  arcs: topology.arcs,
}
writeFileSync(new URL('../src/map/world.json', import.meta.url), JSON.stringify(world) + '\n')

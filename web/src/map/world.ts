/* The built-in base map: the committed outline as the features that the map draws. */
import type { Feature, FeatureCollection } from 'geojson'
import { CITIES } from './cities'

interface World {
  transform: { scale: [number, number]; translate: [number, number] }
  land: number[][][]
  borders: number[][]
  countries: [name: string, longitude: number, latitude: number, area: number][]
  arcs: [number, number][][]
}

type Line = [number, number][]

function lines(world: World): Line[] {
  const { scale, translate } = world.transform
  return world.arcs.map((arc) => {
    let x = 0
    let y = 0
    return arc.map(([dx, dy]) => {
      x += dx
      y += dy
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]]
    })
  })
}

/* Arcs end to end; ~i is arc i backwards. */
function join(arcs: Line[], indexes: number[]): Line {
  const out: Line = []
  for (const index of indexes) {
    const arc = index < 0 ? [...arcs[~index]!].reverse() : arcs[index]!
    out.push(...(out.length ? arc.slice(1) : arc))
  }
  return out
}

/* Outlines run over the 180th meridian as on a globe: here they run on beyond it, and one
 * that goes round a pole is closed along it. */
function flat(line: Line, closed: boolean): Line {
  let turn = 0
  const out = line.map(([x, y], i): [number, number] => {
    const step = i ? x - line[i - 1]![0] : 0
    if (Math.abs(step) > 180) turn -= Math.sign(step) * 360
    return [x + turn, y]
  })
  if (!closed || Math.abs(turn) < 1) return out
  const pole = out[0]![1] < 0 ? -90 : 90
  return [...out, [out.at(-1)![0], pole], [out[0]![0], pole], out[0]!]
}

function collection(features: Feature[]): FeatureCollection {
  return { type: 'FeatureCollection', features }
}

function place(name: string, longitude: number, latitude: number, kind: string, rank: number): Feature {
  return { type: 'Feature', properties: { name, kind, rank }, geometry: { type: 'Point', coordinates: [longitude, latitude] } }
}

/* How far in a country's name begins to show: from 1 for the largest to 6. */
function countryRank(area: number): number {
  return Math.max(1, Math.min(6, 6.2 - Math.log10(area) * 1.5))
}

export async function loadWorld(): Promise<{ land: FeatureCollection; borders: FeatureCollection; places: FeatureCollection }> {
  const { default: url } = await import('./world.json?url')
  const world = (await (await fetch(url)).json()) as World
  const arcs = lines(world)
  return {
    land: collection([{
      type: 'Feature', properties: {},
      geometry: { type: 'MultiPolygon', coordinates: world.land.map((polygon) =>
        polygon.map((ring) => flat(join(arcs, ring), true))) },
    }]),
    borders: collection([{
      type: 'Feature', properties: {},
      geometry: { type: 'MultiLineString', coordinates: world.borders.map((line) => flat(join(arcs, line), false)) },
    }]),
    places: collection([
      ...world.countries.map(([name, x, y, area]) => place(name, x, y, 'country', countryRank(area))),
      ...CITIES.map(([name, x, y, rank]) => place(name, x, y, 'city', rank)),
    ]),
  }
}

/*
 * The base map.  The built-in outline is always there; over it lies what the server page
 * names under "Map": nothing ("none"), raster tiles ("https://.../{z}/{x}/{y}.png"), or a
 * whole style (any other address), which then stands in the outline's place.
 */
import type { FeatureCollection } from 'geojson'
import type { StyleSpecification } from 'maplibre-gl'
import type { Server } from '../api/types'
import type { Palette } from './palette'

export const DEFAULT_TILES = 'https://tile.openstreetmap.org/{z}/{x}/{y}.png'
const DEFAULT_CREDIT = '© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap</a>'

export type Base = { kind: 'outline' } | { kind: 'tiles'; url: string; credit: string } | { kind: 'style'; url: string }

export function baseOf(server: Server | null, dark: boolean): Base {
  const darkUrl = dark ? String(server?.attributes.mapUrlDark ?? '').trim() : ''
  const url = darkUrl || (server?.mapUrl ?? '').trim()
  if (url === 'none') return { kind: 'outline' }
  if (!url) return { kind: 'tiles', url: DEFAULT_TILES, credit: DEFAULT_CREDIT }
  if (url.includes('{z}')) return { kind: 'tiles', url, credit: String(server?.attributes.mapCredit ?? '') }
  return { kind: 'style', url }
}

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }
const FONT = ['system-ui', 'sans-serif']

export function outlineStyle(palette: Palette, base: Base, dark: boolean): StyleSpecification {
  const style: StyleSpecification = {
    version: 8,
    sources: {
      /* Finer tiles than these would only be cut again, not drawn finer. */
      land: { type: 'geojson', data: EMPTY, maxzoom: 6 },
      borders: { type: 'geojson', data: EMPTY, maxzoom: 6 },
      places: { type: 'geojson', data: EMPTY, maxzoom: 6, attribution: 'Natural Earth' },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': palette.land, 'fill-antialias': false } },
      { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': palette.coast, 'line-width': 0.8 } },
      { id: 'borders', type: 'line', source: 'borders', paint: { 'line-color': palette.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 2, 0.6, 8, 1.4] } },
      {
        id: 'countries', type: 'symbol', source: 'places', filter: ['==', ['get', 'kind'], 'country'], maxzoom: 8,
        layout: {
          'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': ['interpolate', ['linear'], ['zoom'], 2, 10, 6, 14],
          'text-max-width': 7, 'text-letter-spacing': 0.08, 'symbol-sort-key': ['get', 'rank'], 'text-padding': 6,
        },
        paint: {
          'text-color': palette.place, 'text-halo-color': palette.halo, 'text-halo-width': 1.2,
          'text-opacity': ['step', ['zoom'], ['case', ['<=', ['get', 'rank'], 2.4], 1, 0], 3, ['case', ['<=', ['get', 'rank'], 3.6], 1, 0], 4.2, 1],
        },
      },
      ...[4, 5, 6, 7].map((zoom, i) => ({
        id: `cities${zoom}`, type: 'symbol' as const, source: 'places', minzoom: zoom,
        filter: ['all', ['==', ['get', 'kind'], 'city'], ['<=', ['get', 'rank'], zoom], ['>', ['get', 'rank'], i ? zoom - 1 : 0]] as never,
        layout: {
          'text-field': ['get', 'name'] as never, 'text-font': FONT, 'text-size': 11.5, 'text-max-width': 8,
        },
        paint: { 'text-color': palette.place, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
      })),
    ],
  }
  if (base.kind === 'tiles') {
    style.sources.tiles = { type: 'raster', tiles: [base.url], tileSize: 256, maxzoom: 19, attribution: base.credit }
    /* Dark: light and dark change places; the hues are turned back. */
    style.layers.push({
      id: 'tiles', type: 'raster', source: 'tiles',
      paint: dark
        ? { 'raster-brightness-min': 0.78, 'raster-brightness-max': 0.06, 'raster-hue-rotate': 180, 'raster-saturation': -0.55, 'raster-fade-duration': 120 }
        : { 'raster-saturation': -0.45, 'raster-brightness-min': 0.14, 'raster-contrast': -0.08, 'raster-fade-duration': 120 },
    })
  }
  return style
}

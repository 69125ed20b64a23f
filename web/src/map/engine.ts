/*
 * The map itself, apart from the page around it: MapLibre, the base map, the track and
 * the markers.  Loaded on its own, so that the list stands before the map does.
 */
import 'maplibre-gl/dist/maplibre-gl.css'
import maplibre, { type GeoJSONSource, type MapLayerMouseEvent, type MapMouseEvent } from 'maplibre-gl'
import type { Feature, FeatureCollection } from 'geojson'
import type { Day, Leg } from '../model/day'
import { distanceM, latitudeOf, longitudeOf, mercatorX, mercatorY } from '../model/geo'
import { placeAt } from '../model/glide'
import { runsOf } from '../model/ramp'
import type { SpeedUnit } from '../model/units'
import type { Camera } from '../model/url'
import { fanOut } from './fan'
import { LabelCanvas } from './labels'
import { MarkerLayer, type Marker } from './markers'
import type { Palette } from './palette'
import { outlineStyle, type Base } from './style'
import { loadWorld } from './world'

export interface MapHandlers {
  hover(id: number | null): void
  select(id: number | null): void
  follow(id: number): void
  settle(camera: Camera): void
  dragged(): void
  stop(index: number): void
  point(index: number): void
  trackHover(index: number | null): void
  tiles(failing: boolean): void
  fault(text: string): void
}

const HIT_PX = 18
const FAN_FROM_ZOOM = 12
const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }
const FIT = { padding: 72, maxZoom: 15, duration: 400 }
const TILE_FAULTS_MAX = 4
const TRACK_HIT_PX = 12

type World = Awaited<ReturnType<typeof loadWorld>>

export class MapEngine {
  readonly map: maplibre.Map
  readonly layer: MarkerLayer
  readonly labels: LabelCanvas
  private readonly card = new maplibre.Popup({ closeButton: false, closeOnClick: false, offset: 10, className: 'point-card', focusAfterOpen: false })
  private world: World | null = null
  private day: Day | null = null
  private unit: SpeedUnit = 'kmh'
  private trails: Feature[] = []
  private frame = 0
  private settleTimer = 0
  private tileFaults = 0
  private tilesSeen = false
  private base: Base
  private palette: Palette
  private dark: boolean
  still = false
  /* Pixels of the map's foot that something lies over. */
  covered = 0

  constructor(container: HTMLElement, private readonly on: MapHandlers,
    options: { palette: Palette; base: Base; dark: boolean; camera: Camera | null }) {
    this.palette = options.palette
    this.base = options.base
    this.dark = options.dark
    this.layer = new MarkerLayer(options.palette)
    this.map = new maplibre.Map({
      container,
      style: this.style(),
      center: options.camera ? [options.camera.longitude, options.camera.latitude] : [20, 25],
      zoom: options.camera?.zoom ?? 1.6,
      attributionControl: { compact: false },
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: true,
      fadeDuration: 150,
      maxZoom: 20,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.labels = new LabelCanvas(this.map, this.layer, options.palette)
    this.map.addControl(new maplibre.ScaleControl({ maxWidth: 90 }), 'bottom-right')
    this.listen()
    void loadWorld().then((world) => {
      this.world = world
      this.fillWorld()
    }).catch(() => {})
  }

  destroy(): void {
    cancelAnimationFrame(this.frame)
    clearTimeout(this.settleTimer)
    this.map.remove()
  }

  private style() {
    return this.base.kind === 'style' ? this.base.url : outlineStyle(this.palette, this.base, this.dark)
  }

  setLook(palette: Palette, base: Base, dark: boolean): void {
    if (palette === this.palette && JSON.stringify(base) === JSON.stringify(this.base) && dark === this.dark) return
    this.palette = palette
    this.base = base
    this.dark = dark
    this.layer.palette = palette
    this.labels.setPalette(palette)
    this.tileFaults = 0
    this.map.setStyle(this.style(), { diff: false })
  }

  private listen(): void {
    const map = this.map
    map.on('style.load', () => this.overlay())
    map.on('render', () => this.labels.draw())
    map.on('move', () => this.scale())
    map.on('moveend', () => {
      clearTimeout(this.settleTimer)
      this.settleTimer = window.setTimeout(() => this.arrange(), 60)
      const centre = map.getCenter()
      this.on.settle({ zoom: map.getZoom(), latitude: centre.lat, longitude: centre.wrap().lng })
    })
    map.on('dragstart', () => this.on.dragged())
    map.on('mousemove', (event) => this.hover(event))
    map.on('mouseout', () => this.setHovered(null))
    map.on('click', (event) => this.click(event))
    map.on('dblclick', (event) => {
      const id = this.hit(event.point)
      if (id === null) return
      event.preventDefault()
      this.on.follow(id)
    })
    map.on('click', 'stops', (event: MapLayerMouseEvent) => {
      const index = event.features?.[0]?.properties.leg as number | undefined
      if (index !== undefined) this.on.stop(index)
    })
    map.on('error', (event: { error?: Error; sourceId?: string }) => {
      if (event.sourceId !== 'tiles' && this.base.kind !== 'style') return
      if (++this.tileFaults === TILE_FAULTS_MAX && !this.tilesSeen) this.on.tiles(true)
      if (this.base.kind === 'style' && !map.isStyleLoaded() && !this.tilesSeen) this.setBaseFallback()
    })
    map.on('data', (event) => {
      if (event.dataType === 'source' && 'tile' in event && (event as { sourceId?: string }).sourceId === 'tiles' &&
          (event.tile as { state?: string }).state === 'loaded' && !this.tilesSeen) {
        this.tilesSeen = true
        this.on.tiles(false)
      }
    })
  }

  /* A style that cannot be had leaves the built-in outline. */
  private setBaseFallback(): void {
    this.on.tiles(true)
    this.base = { kind: 'outline' }
    this.map.setStyle(this.style(), { diff: false })
  }

  /* Our own sources and layers, on top of whichever base map has been loaded. */
  private overlay(): void {
    const { map, palette } = this
    const line = (id: string, color: unknown, width: unknown, filter?: unknown, dash?: number[]) => map.addLayer({
      id, type: 'line', source: 'track', ...(filter ? { filter: filter as never } : {}),
      layout: { 'line-cap': dash ? 'butt' : 'round', 'line-join': 'round' },
      paint: { 'line-color': color as never, 'line-width': width as never, ...(dash ? { 'line-dasharray': dash } : {}) },
    })
    map.addSource('trails', { type: 'geojson', data: EMPTY })
    map.addSource('track', { type: 'geojson', data: EMPTY, tolerance: 0.2 })
    map.addSource('stops', { type: 'geojson', data: EMPTY })
    map.addLayer({
      id: 'trails', type: 'line', source: 'trails', layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': ['get', 'color'], 'line-width': 2, 'line-opacity': 0.55 },
    })
    line('track-casing', palette.casing, 7, ['!', ['get', 'gap']])
    line('track-gap', palette.states.silent, 2, ['get', 'gap'], [2, 2])
    line('track-line', ['match', ['get', 'band'], ...palette.ramp.flatMap((colour, band) => [band, colour]), palette.ramp[0]], 4, ['!', ['get', 'gap']])
    map.addLayer({
      id: 'stops', type: 'circle', source: 'stops',
      paint: {
        'circle-radius': ['case', ['get', 'parking'], 9, 6.5], 'circle-color': palette.surface,
        'circle-stroke-color': palette.states.stopped, 'circle-stroke-width': 2,
      },
    })
    map.addLayer({
      id: 'stop-numbers', type: 'symbol', source: 'stops', filter: ['get', 'parking'],
      layout: { 'text-field': ['get', 'number'], 'text-font': ['system-ui', 'sans-serif'], 'text-size': 11, 'text-allow-overlap': true },
      paint: { 'text-color': palette.ink },
    })
    try {
      map.addLayer(this.layer)
    } catch (thrown) {
      this.on.fault(thrown instanceof Error ? thrown.message : String(thrown))
    }
    this.fillWorld()
    this.fillTrack()
    this.fillTrails()
  }

  private source(name: string): GeoJSONSource | undefined {
    return this.map.getSource(name)
  }

  private fillWorld(): void {
    if (!this.world || this.base.kind === 'style') return
    this.source('land')?.setData(this.world.land)
    this.source('borders')?.setData(this.world.borders)
    this.source('places')?.setData(this.world.places)
  }

  /* ---- the track of a day ---- */

  setTrack(day: Day | null, unit: SpeedUnit): void {
    this.day = day
    this.unit = unit
    this.fillTrack()
  }

  private fillTrack(): void {
    const day = this.day
    const runs = day ? runsOf(day, this.unit) : []
    this.source('track')?.setData({
      type: 'FeatureCollection',
      features: runs.map(({ band, gap, line }) => ({
        type: 'Feature', properties: { band, gap }, geometry: { type: 'LineString', coordinates: line },
      })),
    })
    let number = 0
    const stop = (leg: Leg, index: number): Feature[] => leg.kind !== 'stop' ? [] : [{
      type: 'Feature',
      properties: { leg: index, parking: leg.parking, number: leg.parking ? String(++number) : '' },
      geometry: { type: 'Point', coordinates: [leg.place.longitude, leg.place.latitude] },
    }]
    this.source('stops')?.setData({ type: 'FeatureCollection', features: day ? day.legs.flatMap(stop) : [] })
  }

  /* A point of the track under the pointer, here or on the graph: a card beside it. */
  showPoint(place: { longitude: number; latitude: number } | null, title = '', note = ''): void {
    if (!place) {
      this.card.remove()
      return
    }
    const text = document.createElement('div')
    const strong = document.createElement('b')
    strong.textContent = title
    const rest = document.createElement('span')
    rest.textContent = note
    text.append(strong, rest)
    this.card.setLngLat([place.longitude, place.latitude]).setDOMContent(text)
    if (!this.card.isOpen()) this.card.addTo(this.map)
  }

  fitDay(): void {
    if (this.day?.points.length) this.fit(this.day.points)
  }

  setTrails(trails: { line: [number, number][]; color: string }[]): void {
    this.trails = trails.filter(({ line }) => line.length > 1).map(({ line, color }) => ({
      type: 'Feature', properties: { color }, geometry: { type: 'LineString', coordinates: line },
    }))
    this.fillTrails()
  }

  private fillTrails(): void {
    this.source('trails')?.setData({ type: 'FeatureCollection', features: this.trails })
  }

  /* ---- markers ---- */

  /* Size and detail by how crowded the view is. */
  private scale(): void {
    let count = 0
    for (const shown of this.layer.onScreen(Date.now())) {
      if (shown) count++
    }
    const { clientWidth, clientHeight } = this.map.getCanvas()
    const room = (clientWidth * clientHeight) / Math.max(1, count) /* square pixels for each */
    this.layer.detail = room > 5200
    this.layer.size = this.layer.detail ? 1 : room > 1600 ? 0.62 : room > 500 ? 0.48 : 0.36
    this.layer.offsets = this.map.getZoom() >= FAN_FROM_ZOOM
  }

  /* After a move, or when vehicles have come, gone or moved. */
  arrange(): void {
    fanOut(this.layer.markers, this.layer.detail ? 34 : 34 * this.layer.size)
    this.layer.rewrite()
    this.scale()
    this.draw()
  }

  put(marker: Marker): void {
    const before = this.layer.get(marker.id)
    marker.offsetX = before?.offsetX ?? 0
    marker.offsetY = before?.offsetY ?? 0
    this.layer.put(marker)
  }

  setSelected(id: number | null, dimOthers: boolean): void {
    if (this.layer.selected === id && this.layer.dimOthers === dimOthers) return
    this.layer.selected = id
    this.layer.dimOthers = dimOthers
    this.layer.rewrite()
    this.draw()
  }

  setHovered(id: number | null): void {
    const before = this.layer.hovered
    if (before === id) return
    this.layer.hovered = id
    this.layer.touch(before)
    this.layer.touch(id)
    this.map.getCanvas().style.cursor = id === null ? '' : 'pointer'
    this.on.hover(id)
    this.draw()
  }

  /* Draws, and goes on drawing while something moves: at the screen's rate where that can
   * be seen, slower where a pixel is a long way. */
  draw(): void {
    this.map.triggerRepaint()
    if (this.frame) return
    const zoom = this.map.getZoom()
    const every = zoom > 11 ? 0 : zoom > 8 ? 60 : 250
    let last = performance.now()
    const step = (now: number) => {
      this.frame = 0
      const moving = !this.still && this.layer.moving(Date.now())
      if (!moving && !this.layer.pulsing()) return
      const wait = moving ? every : Math.max(every, 50)
      if (now - last >= wait && document.visibilityState === 'visible') {
        last = now
        this.map.triggerRepaint()
      }
      this.frame = requestAnimationFrame(step)
    }
    this.frame = requestAnimationFrame(step)
  }

  private hit(point: { x: number; y: number }): number | null {
    let best: number | null = null
    let nearest = Math.max(10, HIT_PX * this.layer.size)
    for (const { marker, x, y } of this.layer.onScreen(Date.now())) {
      const away = Math.hypot(x - point.x, y - point.y) - (marker.id === this.layer.selected ? 4 : 0)
      if (away < nearest) {
        nearest = away
        best = marker.id
      }
    }
    return best
  }

  private hover(event: MapMouseEvent): void {
    this.setHovered(this.hit(event.point))
    this.on.trackHover(this.layer.hovered === null ? this.trackHit(event.point) : null)
  }

  private click(event: MapMouseEvent): void {
    const id = this.hit(event.point)
    if (id !== null) return this.on.select(id)
    if (this.map.getLayer('stops') && this.map.queryRenderedFeatures(event.point, { layers: ['stops'] }).length) return
    const index = this.trackHit(event.point)
    if (index !== null) this.on.point(index)
  }

  /* The nearest point of the day's track. */
  private trackHit(point: { x: number; y: number }): number | null {
    const day = this.day
    if (!day) return null
    const at = this.map.unproject([point.x, point.y])
    const x = mercatorX(at.lng)
    const y = mercatorY(at.lat)
    let nearest = TRACK_HIT_PX / (512 * 2 ** this.map.getZoom())
    let best: number | null = null
    day.points.forEach((p, i) => {
      const away = Math.hypot(mercatorX(p.longitude) - x, mercatorY(p.latitude) - y)
      if (away < nearest) {
        nearest = away
        best = i
      }
    })
    return best
  }

  /* ---- the camera ---- */

  fit(places: readonly { latitude: number; longitude: number }[], instant = false): void {
    if (!places.length) return
    const bounds = new maplibre.LngLatBounds()
    for (const place of places) bounds.extend([place.longitude, place.latitude])
    const edge = this.padding()
    this.map.fitBounds(bounds, { ...FIT, padding: { top: edge, left: edge, right: edge, bottom: edge + this.covered }, duration: this.still || instant ? 0 : FIT.duration })
  }

  private padding(): number {
    const { clientWidth, clientHeight } = this.map.getCanvas()
    return Math.min(FIT.padding, clientWidth / 5, (clientHeight - this.covered) / 5)
  }

  /* The camera's aim, so that a place stands in the middle of what is free. */
  private get offset(): [number, number] {
    return [0, -this.covered / 2]
  }

  fitMarkers(instant = false): void {
    this.fit(this.layer.markers.filter((m) => !m.hidden).map((m) => ({
      latitude: latitudeOf(m.glide.toY), longitude: longitudeOf(m.glide.toX),
    })), instant)
  }

  jump(camera: Camera): void {
    const centre = this.map.getCenter()
    const near = Math.abs(this.map.getZoom() - camera.zoom) < 0.01 &&
      distanceM({ latitude: centre.lat, longitude: centre.lng }, camera) < 2
    if (!near) this.map.jumpTo({ center: [camera.longitude, camera.latitude], zoom: camera.zoom })
  }

  /* Brings a place into the middle; closer only when the map is far away. */
  show(longitude: number, latitude: number, zoomMin = 13): void {
    this.map.easeTo({ center: [longitude, latitude], zoom: Math.max(this.map.getZoom(), zoomMin), offset: this.offset, duration: this.still ? 0 : 400 })
  }

  follow(id: number): void {
    const marker = this.layer.get(id)
    if (!marker || this.map.isMoving()) return
    const [x, y] = placeAt(marker.glide, Date.now())
    this.map.easeTo({ center: [longitudeOf(x), latitudeOf(y)], offset: this.offset, duration: this.still ? 0 : 300, easing: (t) => t })
  }

  /* The place in the middle at once, for replay. */
  centre(longitude: number, latitude: number): void {
    this.map.easeTo({ center: [longitude, latitude], offset: this.offset, duration: 0 })
  }

  inSight(longitude: number, latitude: number): boolean {
    const { x, y } = this.map.project([longitude, latitude])
    const { clientWidth, clientHeight } = this.map.getCanvas()
    return x > 0 && x < clientWidth && y > 0 && y < clientHeight - this.covered
  }

  zoom(by: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + by, duration: this.still ? 0 : 180 })
  }

  resize(): void {
    this.map.resize()
  }
}

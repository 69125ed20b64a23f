/*
 * The names beside the markers, on a canvas over the map: the browser itself shapes the
 * text, so every script reads right, and no font is fetched.  A name that would cover
 * another marker's name is left out.
 */
import type { Map as LibreMap } from 'maplibre-gl'
import type { Labels } from '../model/url'
import type { MarkerLayer } from './markers'
import type { Palette } from './palette'

const AUTO_MAX = 120 /* more names than this are noise */
const ALL_MAX = 400
const NAME_MAX = 28
const PLACE_EVERY_MS = 300
const HEIGHT = 16
const FONT = '600 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'

interface Picture {
  canvas: HTMLCanvasElement
  width: number
}

export class LabelCanvas {
  readonly canvas = document.createElement('canvas')
  private readonly pen = this.canvas.getContext('2d')!
  private pictures = new Map<string, Picture>()
  private placed = new Set<number>()
  private placedAt = 0
  private palette: Palette
  mode: Labels = 'auto'
  nameOf: (id: number) => string = () => ''

  constructor(private readonly map: LibreMap, private readonly layer: MarkerLayer, palette: Palette) {
    this.palette = palette
    this.canvas.className = 'map-labels'
    this.canvas.setAttribute('aria-hidden', 'true')
    map.getCanvasContainer().append(this.canvas)
  }

  setPalette(palette: Palette): void {
    this.palette = palette
    this.pictures.clear()
  }

  forget(): void {
    this.pictures.clear()
    this.placedAt = 0
  }

  draw(): void {
    const source = this.map.getCanvas()
    if (this.canvas.width !== source.width || this.canvas.height !== source.height) {
      this.canvas.width = source.width
      this.canvas.height = source.height
      this.canvas.style.width = source.style.width
      this.canvas.style.height = source.style.height
    }
    const ratio = source.width / (source.clientWidth || 1)
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.pen.clearRect(0, 0, source.clientWidth, source.clientHeight)
    const now = Date.now()
    const shown = [...this.layer.onScreen(now)]
    const wanted = this.wanted(shown)
    if (now - this.placedAt > PLACE_EVERY_MS) this.place(wanted, now)
    for (const { marker, x, y } of wanted)
      if (this.placed.has(marker.id)) this.write(this.nameOf(marker.id), x, y + this.below(marker), ratio)
  }

  private wanted<T extends { marker: { id: number; state: string } }>(shown: T[]): T[] {
    const singled = ({ marker }: T) => marker.id === this.layer.selected || marker.id === this.layer.hovered
    const limit = this.mode === 'all' ? ALL_MAX : this.mode === 'auto' ? AUTO_MAX : 0
    if (shown.length > limit || (this.layer.dimOthers && this.mode !== 'all')) return shown.filter(singled)
    return shown.sort((a, b) => Number(singled(b)) - Number(singled(a)) ||
      Number(b.marker.state === 'alarm') - Number(a.marker.state === 'alarm') || a.marker.id - b.marker.id)
  }

  private place(wanted: { marker: { id: number }; x: number; y: number }[], now: number): void {
    this.placedAt = now
    this.placed.clear()
    const taken: [number, number, number, number][] = []
    for (const { marker, x, y } of wanted) {
      const top = y + this.below(marker)
      const width = this.picture(this.nameOf(marker.id), 1).width
      const box: [number, number, number, number] = [x - width / 2, top, x + width / 2, top + HEIGHT]
      if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue
      taken.push(box)
      this.placed.add(marker.id)
    }
  }

  /* How far under a marker's middle its name begins. */
  private below(marker: { id: number }): number {
    if (marker.id === this.layer.selected || marker.id === this.layer.hovered) return 26
    return this.layer.detail ? 19 : 6 + 14 * this.layer.size
  }

  private write(name: string, x: number, y: number, ratio: number): void {
    const { canvas, width } = this.picture(name, ratio)
    this.pen.drawImage(canvas, Math.round((x - width / 2) * ratio) / ratio, Math.round(y * ratio) / ratio, canvas.width / ratio, canvas.height / ratio)
  }

  private picture(name: string, ratio: number): Picture {
    const known = this.pictures.get(name)
    if (known) return known
    const actual = Math.max(ratio, window.devicePixelRatio || 1)
    const letters = [...name]
    const text = letters.length > NAME_MAX ? `${letters.slice(0, NAME_MAX - 1).join('')}…` : name
    const canvas = document.createElement('canvas')
    const pen = canvas.getContext('2d')!
    pen.font = FONT
    const width = Math.ceil(pen.measureText(text).width) + 8
    canvas.width = width * actual
    canvas.height = HEIGHT * actual
    pen.scale(actual, actual)
    pen.font = FONT
    pen.textBaseline = 'middle'
    pen.textAlign = 'center'
    pen.lineJoin = 'round'
    pen.lineWidth = 3.5
    pen.strokeStyle = this.palette.halo
    pen.fillStyle = this.palette.ink
    pen.strokeText(text, width / 2, HEIGHT / 2 + 0.5)
    pen.fillText(text, width / 2, HEIGHT / 2 + 0.5)
    const picture = { canvas, width }
    if (this.pictures.size > 2000) this.pictures.clear()
    this.pictures.set(name, picture)
    return picture
  }
}

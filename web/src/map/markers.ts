/*
 * The vehicles on the map, drawn by one program of our own: ten thousand glide at the
 * screen's own rate since only what changed is handed to the graphics card.
 */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as LibreMap } from 'maplibre-gl'
import { placeAt, type Glide } from '../model/glide'
import { STATES, type State } from '../model/state'
import { glyphAtlas, GLYPH_NAMES } from './glyphs'
import { rgb, type Palette } from './palette'
import { FLAG, FRAGMENT, LEG_FRAGMENT, LEG_VERTEX, PASSES, VERTEX } from './shader'

export interface Marker {
  id: number
  glide: Glide
  state: State
  glyph: number
  courseDeg: number
  heading: boolean
  heardMs: number
  silentMs: number
  hidden: boolean
  offsetX: number
  offsetY: number
}

const FLOATS = 18 /* of a marker: from 4, to 4, times 4, look 4, offset 2 */
const GLYPH_PX = 64
const PULSE_MS = 1600

interface Program {
  program: WebGLProgram
  array: WebGLVertexArrayObject
  at: (name: string) => WebGLUniformLocation | null
}

function build(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram()!
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(kind)!
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost())
      throw new Error(gl.getShaderInfoLog(shader) ?? 'shader')
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(gl.getProgramInfoLog(program) ?? 'program')
  return program
}

export class MarkerLayer implements CustomLayerInterface {
  readonly id = 'vehicles'
  readonly type = 'custom' as const
  readonly renderingMode = '2d' as const

  readonly markers: Marker[] = []
  private slots = new Map<number, number>()
  private data = new Float32Array(64 * FLOATS)
  private dirtyFrom = Infinity
  private dirtyTo = -1
  private resized = true
  private readonly epochMs = Date.now() - 1000

  private map: LibreMap | null = null
  private gl: WebGL2RenderingContext | null = null
  private buffer: WebGLBuffer | null = null
  private corners: WebGLBuffer | null = null
  private glyphs: WebGLTexture | null = null
  private main: Program | null = null
  private legs: Program | null = null

  palette: Palette
  size = 1
  detail = true
  still = false
  selected: number | null = null
  hovered: number | null = null
  dimOthers = false
  offsets = false

  constructor(palette: Palette) {
    this.palette = palette
  }

  get(id: number): Marker | undefined {
    const slot = this.slots.get(id)
    return slot === undefined ? undefined : this.markers[slot]
  }

  put(marker: Marker): void {
    let slot = this.slots.get(marker.id)
    if (slot === undefined) {
      slot = this.markers.length
      this.slots.set(marker.id, slot)
      if ((slot + 1) * FLOATS > this.data.length) {
        const larger = new Float32Array(this.data.length * 2)
        larger.set(this.data)
        this.data = larger
        this.resized = true
      }
    }
    this.markers[slot] = marker
    this.write(slot)
  }

  remove(id: number): void {
    const slot = this.slots.get(id)
    if (slot === undefined) return
    const last = this.markers.pop()!
    this.slots.delete(id)
    if (last.id === id) return
    this.markers[slot] = last
    this.slots.set(last.id, slot)
    this.write(slot)
  }

  ids(): Iterable<number> {
    return this.slots.keys()
  }

  /* After selected, hovered, dimOthers or any marker's offset has changed. */
  rewrite(): void {
    for (let slot = 0; slot < this.markers.length; slot++) this.write(slot)
  }

  touch(id: number | null): void {
    const slot = id === null ? undefined : this.slots.get(id)
    if (slot !== undefined) this.write(slot)
  }

  /* Is anything under way, and so another frame needed? */
  moving(nowMs: number): boolean {
    return this.markers.some((m) => !m.hidden && m.glide.endMs > nowMs)
  }

  pulsing(): boolean {
    return !this.still && this.markers.some((m) => m.state === 'alarm' && !m.hidden)
  }

  private write(slot: number): void {
    const marker = this.markers[slot]!
    const { glide } = marker
    const seconds = (ms: number) => (ms - this.epochMs) / 1000
    const flags = (marker.hidden ? FLAG.hidden : 0) + (marker.heading ? FLAG.heading : 0) +
      (marker.id === this.selected ? FLAG.selected : 0) + (marker.id === this.hovered ? FLAG.hovered : 0) +
      (this.dimOthers && marker.id !== this.selected && marker.id !== this.hovered && marker.state !== 'alarm' ? FLAG.dimmed : 0)
    const high = Math.fround
    const fx = high(glide.fromX), fy = high(glide.fromY), tx = high(glide.toX), ty = high(glide.toY)
    const gliding = glide.endMs > glide.startMs && !this.still
    this.data.set([
      gliding ? fx : tx, gliding ? fy : ty, gliding ? glide.fromX - fx : glide.toX - tx, gliding ? glide.fromY - fy : glide.toY - ty,
      tx, ty, glide.toX - tx, glide.toY - ty,
      gliding ? seconds(glide.startMs) : 0, gliding ? seconds(glide.endMs) : 0, seconds(marker.heardMs), marker.silentMs / 1000,
      STATES.indexOf(marker.state), marker.glyph, (marker.courseDeg * Math.PI) / 180, flags,
      marker.offsetX, marker.offsetY,
    ], slot * FLOATS)
    this.dirtyFrom = Math.min(this.dirtyFrom, slot)
    this.dirtyTo = Math.max(this.dirtyTo, slot)
  }

  onAdd(map: LibreMap, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    this.map = map
    const gl = (this.gl = context as WebGL2RenderingContext)
    this.buffer = gl.createBuffer()
    this.corners = gl.createBuffer()
    gl.bindBuffer(gl.ARRAY_BUFFER, this.corners)
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1, 0, 0, 1, 0]), gl.STATIC_DRAW)
    this.glyphs = gl.createTexture()
    gl.bindTexture(gl.TEXTURE_2D, this.glyphs)
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, glyphAtlas(GLYPH_PX))
    gl.generateMipmap(gl.TEXTURE_2D)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
    this.main = this.program(gl, build(gl, VERTEX, FRAGMENT), 0)
    this.legs = this.program(gl, build(gl, LEG_VERTEX, LEG_FRAGMENT), 8)
    this.resized = true
  }

  onRemove(): void {
    const gl = this.gl
    if (!gl) return
    for (const part of [this.main, this.legs]) {
      gl.deleteProgram(part?.program ?? null)
      gl.deleteVertexArray(part?.array ?? null)
    }
    gl.deleteBuffer(this.buffer)
    gl.deleteBuffer(this.corners)
    gl.deleteTexture(this.glyphs)
    this.gl = this.main = this.legs = null
  }

  private program(gl: WebGL2RenderingContext, program: WebGLProgram, firstCorner: number): Program {
    const array = gl.createVertexArray()!
    gl.bindVertexArray(array)
    const bind = (name: string, buffer: WebGLBuffer | null, size: number, stride: number, offset: number, divisor: number) => {
      const place = gl.getAttribLocation(program, name)
      if (place < 0) return
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
      gl.enableVertexAttribArray(place)
      gl.vertexAttribPointer(place, size, gl.FLOAT, false, stride, offset)
      gl.vertexAttribDivisor(place, divisor)
    }
    bind('aCorner', this.corners, 2, 8, firstCorner * 4, 0)
    let offset = 0
    for (const [name, size] of [['aFrom', 4], ['aTo', 4], ['aTimes', 4], ['aLook', 4], ['aOffset', 2]] as const) {
      bind(name, this.buffer, size, FLOATS * 4, offset * 4, 1)
      offset += size
    }
    gl.bindVertexArray(null)
    const known = new Map<string, WebGLUniformLocation | null>()
    const at = (name: string) => {
      if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name))
      return known.get(name)!
    }
    return { program, array, at }
  }

  private upload(gl: WebGL2RenderingContext): void {
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer)
    if (this.resized) {
      gl.bufferData(gl.ARRAY_BUFFER, this.data, gl.DYNAMIC_DRAW)
      this.resized = false
    } else if (this.dirtyTo >= this.dirtyFrom) {
      const from = this.dirtyFrom * FLOATS
      gl.bufferSubData(gl.ARRAY_BUFFER, from * 4, this.data, from, (this.dirtyTo + 1) * FLOATS - from)
    }
    this.dirtyFrom = Infinity
    this.dirtyTo = -1
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext
    if (!this.map || !this.main || !this.legs || !this.markers.length) return
    this.upload(gl)
    const canvas = this.map.getCanvas()
    const ratio = canvas.width / (canvas.clientWidth || 1)
    const nowMs = Date.now()
    const matrix = input.defaultProjectionData.mainMatrix as unknown as number[]
    const centre = this.map.getCenter()
    const cx = centre.lng / 360 + 0.5
    const cy = (180 - (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (centre.lat * Math.PI) / 360))) / 360
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.disable(gl.DEPTH_TEST)
    gl.disable(gl.CULL_FACE)
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, this.glyphs)
    for (const wrap of this.wraps(cx)) {
      const common = (part: Program) => {
        gl.useProgram(part.program)
        gl.bindVertexArray(part.array)
        const x = cx - wrap
        gl.uniform4f(part.at('uCentre'), Math.fround(x), Math.fround(cy), x - Math.fround(x), cy - Math.fround(cy))
        gl.uniformMatrix4fv(part.at('uMatrix'), false, centred(matrix, cx, cy))
        gl.uniform1f(part.at('uNow'), (nowMs - this.epochMs) / 1000)
        gl.uniform2f(part.at('uViewport'), canvas.clientWidth, canvas.clientHeight)
        gl.uniform1f(part.at('uOffsets'), this.offsets ? 1 : 0)
      }
      if (this.offsets) {
        common(this.legs)
        gl.uniform3fv(this.legs.at('uInk'), rgb(this.palette.ink))
        gl.drawArraysInstanced(gl.LINES, 0, 2, this.markers.length)
      }
      common(this.main)
      this.look(gl, this.main, nowMs, ratio)
      for (let pass = 0; pass < PASSES; pass++) {
        gl.uniform1f(this.main.at('uPass'), pass)
        gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.markers.length)
      }
    }
    gl.bindVertexArray(null)
  }

  /* Copies of the world that are in sight. */
  private wraps(cx: number): number[] {
    const half = this.map!.getCanvas().clientWidth / 2 / (512 * 2 ** this.map!.getZoom())
    const wraps: number[] = []
    for (let wrap = Math.floor(cx - half); wrap <= Math.floor(cx + half); wrap++) wraps.push(wrap)
    return wraps
  }

  private look(gl: WebGL2RenderingContext, part: Program, nowMs: number, ratio: number): void {
    gl.uniform1f(part.at('uSize'), this.size)
    gl.uniform1f(part.at('uDetail'), this.detail ? 1 : 0)
    gl.uniform1f(part.at('uPulse'), this.still ? 0.3 : (nowMs % PULSE_MS) / PULSE_MS)
    gl.uniform1f(part.at('uRatio'), ratio)
    gl.uniform1i(part.at('uGlyphs'), 0)
    gl.uniform1f(part.at('uGlyphCount'), GLYPH_NAMES.length)
    gl.uniform3fv(part.at('uStates'), STATES.flatMap((state) => rgb(this.palette.states[state])))
    gl.uniform3fv(part.at('uSurface'), rgb(this.palette.surface))
    gl.uniform3fv(part.at('uAccent'), rgb(this.palette.accent))
  }

  /* Where each visible marker is on the screen. */
  *onScreen(nowMs: number): Generator<{ marker: Marker; x: number; y: number }> {
    const map = this.map
    if (!map) return
    const { clientWidth: width, clientHeight: height } = map.getCanvas()
    const world = 512 * 2 ** map.getZoom()
    const centre = map.getCenter()
    const cx = centre.lng / 360 + 0.5
    const cy = (180 - (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (centre.lat * Math.PI) / 360))) / 360
    for (const marker of this.markers) {
      if (marker.hidden) continue
      const [mx, my] = placeAt(marker.glide, this.still ? Infinity : nowMs)
      const dx = mx - cx
      const x = (dx - Math.round(dx)) * world + width / 2 + (this.offsets ? marker.offsetX : 0)
      const y = (my - cy) * world + height / 2 + (this.offsets ? marker.offsetY : 0)
      if (x > -40 && y > -40 && x < width + 40 && y < height + 40) yield { marker, x, y }
    }
  }
}

/* matrix * translation(cx, cy), so that places can be given relative to the centre. */
function centred(m: number[], cx: number, cy: number): Float32Array {
  const out = new Float32Array(m)
  for (let row = 0; row < 4; row++) out[12 + row] = m[row]! * cx + m[4 + row]! * cy + m[12 + row]!
  return out
}

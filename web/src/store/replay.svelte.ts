/*
 * The past of the selected vehicle: its day, and the moment at which replay stands.
 * Replay runs on true time: a gap of an hour takes an hour, divided by the speed.
 */
import { untrack } from 'svelte'
import { aborted, api, reason } from '../api/client'
import type { Position } from '../api/types'
import { dayOf, indexAt, placeAtTime, type Day } from '../model/day'
import { isMoving, type State } from '../model/state'
import { rangeOf, type Range } from '../model/time'
import { fleet } from './fleet.svelte'
import { session } from './session.svelte'
import { view } from './view.svelte'

export const SPEEDS = [0.5, 1, 2, 4, 8, 16, 32, 64] as const
const GROW_MS = 5000
const START_SPEED = 16

class Replay {
  vehicle = $state<number | null>(null)
  day = $state.raw<Day | null>(null)
  range = $state.raw<Range | null>(null)
  loads = $state(0) /* grows with each day that was loaded, not with what is added to it */
  loading = $state(false)
  problem = $state('')
  at = $state<number | null>(null)
  playing = $state(false)
  speed = $state<number>(START_SPEED)
  follow = $state(false)
  hovered = $state<number | null>(null) /* index of the point under the pointer */

  place = $derived(this.day && this.at !== null ? placeAtTime(this.day, this.at) : null)
  point = $derived<Position | null>(this.place && this.day ? (this.day.points[this.place.index] ?? null) : null)
  leg = $derived.by(() => {
    const at = this.at
    if (!this.day || at === null) return -1
    return this.day.legs.findIndex((leg) => at >= leg.startMs && at <= leg.endMs)
  })
  state: State = $derived.by(() => {
    const point = this.point
    if (!point) return 'stopped'
    if (point.attributes.alarm) return 'alarm'
    if (this.leg >= 0 && this.day?.legs[this.leg]?.kind === 'stop')
      return point.attributes.ignition === true ? 'idling' : 'stopped'
    return isMoving(point.speed, point.attributes) ? 'moving' : point.attributes.ignition === true ? 'idling' : 'stopped'
  })

  private positions: Position[] = []
  private call: AbortController | null = null
  private grown = new Map<number, Position>()
  private growTimer = 0
  private frame = 0

  constructor() {
    fleet.onChange((changed) => {
      for (const vehicle of changed) if (vehicle.id === this.vehicle && vehicle.position) this.grow(vehicle.position)
    })
  }

  async load(vehicle: number, text: string): Promise<void> {
    this.call?.abort()
    const call = (this.call = new AbortController())
    const range = rangeOf(text, Date.now(), session.zone)
    this.pause()
    if (vehicle !== this.vehicle) this.day = null
    this.vehicle = vehicle
    this.range = range
    this.problem = range ? '' : 'This is not a span of time.'
    this.at = view.at
    if (!range) return
    this.loading = true
    try {
      this.positions = await api.history(vehicle, new Date(range.from), new Date(range.to), call.signal)
      this.grown.clear()
      this.day = dayOf(this.positions)
      this.loads++
    } catch (thrown) {
      if (aborted(thrown)) return
      this.problem = reason(thrown)
      this.day = null
    }
    this.loading = false
  }

  clear(): void {
    this.call?.abort()
    this.pause()
    this.vehicle = null
    this.day = null
    this.range = null
    this.at = null
    this.hovered = null
    this.loading = false
    this.problem = ''
    this.positions = []
    this.grown.clear()
  }

  /* What arrives while the day is on show belongs to it. */
  private grow(position: Position): void {
    const time = Date.parse(position.fixTime)
    if (!this.range || time < this.range.from || time > this.range.to || this.loading) return
    this.grown.set(position.id, position)
    this.growTimer ||= window.setTimeout(() => {
      this.growTimer = 0
      if (!this.day) return
      const known = new Set(this.positions.map((p) => p.id))
      this.positions = [...this.positions, ...[...this.grown.values()].filter((p) => !known.has(p.id))]
      this.grown.clear()
      this.day = dayOf(this.positions)
    }, GROW_MS)
  }

  /* ---- moving through time ---- */

  /* Stands at a time; `keep` writes it into the address. */
  seek(ms: number, keep = true): void {
    const day = this.day
    if (!day?.points.length) return
    this.at = Math.max(day.ms[0]!, Math.min(day.ms.at(-1)!, ms))
    if (keep) view.adjust({ at: Math.round(this.at / 1000) * 1000 })
  }

  live(): void {
    this.pause()
    this.at = null
    view.adjust({ at: null })
  }

  toPoint(index: number): void {
    const ms = this.day?.ms[index]
    if (ms !== undefined) this.seek(ms)
  }

  toLeg(index: number): void {
    const leg = this.day?.legs[index]
    if (leg) this.seek(leg.startMs)
  }

  stepPoint(by: number): void {
    const day = this.day
    if (!day?.points.length) return
    const index = this.at === null ? (by > 0 ? -1 : day.points.length) : indexAt(day.ms, this.at)
    const between = this.at !== null && by < 0 && this.at > day.ms[index]! ? 1 : 0
    this.toPoint(Math.max(0, Math.min(day.points.length - 1, index + by + between)))
  }

  /* To where the next (or this, or the previous) stop begins. */
  stepStop(by: 1 | -1): void {
    const stops = this.day?.legs.filter((leg) => leg.kind === 'stop').map((leg) => leg.startMs) ?? []
    const at = this.at ?? (by > 0 ? -Infinity : Infinity)
    const next = by > 0 ? stops.find((ms) => ms > at + 500) : stops.filter((ms) => ms < at - 500).at(-1)
    if (next !== undefined) this.seek(next)
    else if (this.day?.points.length) this.seek(by > 0 ? this.day.ms.at(-1)! : this.day.ms[0]!)
  }

  faster(by: 1 | -1): void {
    const index = SPEEDS.indexOf(this.speed as (typeof SPEEDS)[number])
    this.speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, index + by))]!
  }

  toggle(): void {
    if (this.playing) this.pause()
    else this.play()
  }

  play(): void {
    const day = this.day
    if (!day?.points.length) return
    if (this.at === null || this.at >= day.ms.at(-1)!) this.at = day.ms[0]!
    this.playing = true
    let last = performance.now()
    const step = (now: number) => {
      if (!this.playing || !this.day || this.at === null) return
      const end = this.day.ms.at(-1)!
      this.at = Math.min(end, this.at + (now - last) * this.speed)
      last = now
      if (this.at >= end) return this.pause()
      this.frame = requestAnimationFrame(step)
    }
    this.frame = requestAnimationFrame(step)
  }

  pause(): void {
    cancelAnimationFrame(this.frame)
    const at = untrack(() => this.at)
    if (untrack(() => this.playing) && at !== null) view.adjust({ at: Math.round(at / 1000) * 1000 })
    this.playing = false
  }
}

export const replay = new Replay()

/*
 * What a vehicle did over a span of time, from its positions: drives, stops and gaps.
 *
 * A stop is at least 3 minutes within 200 m, parking at least 5.  More than an hour
 * without data is a gap when the vehicle is somewhere else afterwards, and part of the
 * stop when it is not.  (Figures: what the field uses, so that reports agree.)
 */
import type { Position } from '../api/types'
import { distanceM, isPlaced, type Place } from './geo'

export const STOP_RADIUS_M = 200
export const STOP_MIN_MS = 3 * 60_000
export const PARKING_MIN_MS = 5 * 60_000
export const GAP_MIN_MS = 60 * 60_000
const STILL_KN = 2.7
/* Stops so close in time and place are one: a fix that jumped had cut it. */
const JUMP_MAX_MS = 2 * 60_000

export interface Leg {
  kind: 'drive' | 'stop' | 'gap'
  first: number /* indexes into the points, both included */
  last: number
  startMs: number
  endMs: number
  distanceM: number
  maxKn: number
  idleMs: number /* engine on while standing */
  parking: boolean
  place: Place
}

export interface Track {
  points: Position[]
  ms: number[] /* when each point was true */
}

export interface Day extends Track {
  legs: Leg[]
  distanceM: number
  movingMs: number
  stoppedMs: number
  idleMs: number
  maxKn: number
  maxAt: number /* index of the fastest point, -1 without points */
}

/* A message without a place of its own tells where the vehicle still is: it counts
 * when the device spoke. */
export function pointMs(point: Position): number {
  return Date.parse(point.outdated ? point.deviceTime : point.fixTime)
}

/* Points that have a place and a time, by time. */
export function trackOf(positions: readonly Position[]): Track {
  const timed = positions
    .filter((p) => isPlaced(p) && (p.valid || p.outdated))
    .map((point) => ({ point, ms: pointMs(point) }))
    .filter((t) => Number.isFinite(t.ms))
    .sort((a, b) => a.ms - b.ms)
  return { points: timed.map((t) => t.point), ms: timed.map((t) => t.ms) }
}

interface Span {
  first: number
  last: number
}

/* The last point that still lies by the anchor. */
function reach({ points }: Track, anchor: number): number {
  let last = anchor
  while (last + 1 < points.length && distanceM(points[anchor]!, points[last + 1]!) <= STOP_RADIUS_M) last++
  return last
}

/* Leaves out the braking and the starting that lie within the radius. */
function tighten({ points, ms }: Track, { first, last }: Span): Span {
  let from = first
  let to = last
  while (from < to && points[from]!.speed > STILL_KN) from++
  while (to > from && points[to]!.speed > STILL_KN) to--
  return ms[to]! - ms[from]! >= STOP_MIN_MS ? { first: from, last: to } : { first, last }
}

function findStops(track: Track): Span[] {
  const { points, ms } = track
  const stops: Span[] = []
  for (let i = 0; i < points.length; ) {
    const end = reach(track, i)
    if (ms[end]! - ms[i]! < STOP_MIN_MS) {
      i++
      continue
    }
    const stop = tighten(track, { first: i, last: end })
    const before = stops.at(-1)
    if (before && ms[stop.first]! - ms[before.last]! <= JUMP_MAX_MS &&
        distanceM(points[before.first]!, points[stop.first]!) <= STOP_RADIUS_M) before.last = stop.last
    else stops.push(stop)
    i = end + 1
  }
  return stops
}

function measure({ points, ms }: Track, kind: Leg['kind'], first: number, last: number): Leg {
  const leg: Leg = {
    kind, first, last, startMs: ms[first]!, endMs: ms[last]!, distanceM: 0, maxKn: 0, idleMs: 0,
    parking: kind === 'stop' && ms[last]! - ms[first]! >= PARKING_MIN_MS,
    place: points[kind === 'stop' ? (first + last) >> 1 : first]!,
  }
  for (let i = first; i <= last; i++) {
    leg.maxKn = Math.max(leg.maxKn, points[i]!.speed)
    if (i === first) continue
    if (kind !== 'stop') leg.distanceM += distanceM(points[i - 1]!, points[i]!)
    else if (points[i - 1]!.attributes.ignition === true) leg.idleMs += ms[i]! - ms[i - 1]!
  }
  return leg
}

/* Drives between two stops, cut where data is missing. */
function drives(track: Track, first: number, last: number): Leg[] {
  const legs: Leg[] = []
  let from = first
  for (let i = first + 1; i <= last; i++) {
    if (track.ms[i]! - track.ms[i - 1]! <= GAP_MIN_MS) continue
    if (i - 1 > from) legs.push(measure(track, 'drive', from, i - 1))
    legs.push(measure(track, 'gap', i - 1, i))
    from = i
  }
  if (last > from) legs.push(measure(track, 'drive', from, last))
  return legs
}

export function dayOf(positions: readonly Position[]): Day {
  const track = trackOf(positions)
  const day: Day = { ...track, legs: [], distanceM: 0, movingMs: 0, stoppedMs: 0, idleMs: 0, maxKn: 0, maxAt: -1 }
  if (!track.points.length) return day
  let at = 0
  for (const stop of findStops(track)) {
    day.legs.push(...drives(track, at, stop.first), measure(track, 'stop', stop.first, stop.last))
    at = stop.last
  }
  day.legs.push(...drives(track, at, track.points.length - 1))
  for (const leg of day.legs) {
    if (leg.kind === 'stop') day.stoppedMs += leg.endMs - leg.startMs
    else day.distanceM += leg.distanceM
    if (leg.kind === 'drive') day.movingMs += leg.endMs - leg.startMs
    day.idleMs += leg.idleMs
  }
  day.maxAt = track.points.reduce((best, p, i) => (p.speed > track.points[best]!.speed ? i : best), 0)
  day.maxKn = track.points[day.maxAt]!.speed
  return day
}

/* The last point at or before a time; -1 before the first. */
export function indexAt(ms: readonly number[], timeMs: number): number {
  let low = 0
  let high = ms.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ms[middle]! <= timeMs) low = middle + 1
    else high = middle
  }
  return low - 1
}

/* Where the vehicle was at a time: on the line between two fixes, at the last one
 * across a gap; null without points. */
export function placeAtTime(day: Track, timeMs: number): (Place & { index: number; course: number }) | null {
  if (!day.points.length) return null
  const index = Math.max(0, indexAt(day.ms, timeMs))
  const a = day.points[index]!
  const b = day.points[index + 1]
  const gap = b ? day.ms[index + 1]! - day.ms[index]! : 0
  if (!b || gap > GAP_MIN_MS || gap <= 0 || timeMs <= day.ms[index]!)
    return { latitude: a.latitude, longitude: a.longitude, course: a.course, index }
  const share = (timeMs - day.ms[index]!) / gap
  return {
    latitude: a.latitude + (b.latitude - a.latitude) * share,
    longitude: a.longitude + (b.longitude - a.longitude) * share,
    course: a.course,
    index,
  }
}

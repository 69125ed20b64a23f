/*
 * Smooth motion.  A marker travels from where it is shown to the new fix, and rests there:
 * it is behind the truth for at most the usual interval and never ahead of it.
 */
import { distanceM, longitudeOf, latitudeOf } from './geo'

/* In Mercator units and epoch ms. */
export interface Glide {
  fromX: number
  fromY: number
  toX: number
  toY: number
  startMs: number
  endMs: number
}

/* Long glides would show the past; what is told once a minute arrives sooner. */
export const GLIDE_MAX_MS = 15_000
const GLIDE_MAX_M = 20_000
const PLAUSIBLE_M_PER_S = 90

export function rest(x: number, y: number): Glide {
  return { fromX: x, fromY: y, toX: x, toY: y, startMs: 0, endMs: 0 }
}

export function shareAt(glide: Glide, nowMs: number): number {
  if (nowMs >= glide.endMs) return 1
  return nowMs <= glide.startMs ? 0 : (nowMs - glide.startMs) / (glide.endMs - glide.startMs)
}

export function placeAt(glide: Glide, nowMs: number): [x: number, y: number] {
  const share = shareAt(glide, nowMs)
  return [glide.fromX + (glide.toX - glide.fromX) * share, glide.fromY + (glide.toY - glide.fromY) * share]
}

/* The glide to a new fix.  `gapMs` lies between the last fix and this one; jumps that
 * nobody drives, and fixes of the past, are shown at once. */
export function glideTo(
  last: Glide | null, x: number, y: number, gapMs: number, usualMs: number | null, nowMs: number,
): Glide {
  if (!last || gapMs <= 0) return rest(x, y)
  const [fromX, fromY] = placeAt(last, nowMs)
  if (fromX === x && fromY === y) return rest(x, y)
  const metres = distanceM(
    { latitude: latitudeOf(last.toY), longitude: longitudeOf(last.toX) },
    { latitude: latitudeOf(y), longitude: longitudeOf(x) },
  )
  if (metres > GLIDE_MAX_M || metres / (gapMs / 1000) > PLAUSIBLE_M_PER_S) return rest(x, y)
  const length = Math.min(gapMs, usualMs ?? gapMs, GLIDE_MAX_MS)
  return { fromX, fromY, toX: x, toY: y, startMs: nowMs, endMs: nowMs + length }
}

/*
 * The one thing a vehicle is doing, out of six; first match wins in the order of STATES.
 * docs: alarm = an alarm nobody has dismissed; silent = nothing heard for longer than three
 * usual intervals, at least ten minutes; moving, idling, stopped = by its last words.
 */
import type { Attributes } from '../api/types'

export const STATES = ['alarm', 'moving', 'idling', 'stopped', 'silent', 'unknown'] as const
export type State = (typeof STATES)[number]

export const STATE_LABEL: Record<State, string> = {
  alarm: 'Alarm',
  moving: 'Moving',
  idling: 'Idling',
  stopped: 'Stopped',
  silent: 'Silent',
  unknown: 'Unknown',
}

/* What each state means, for tooltips and the help page. */
export const STATE_HELP: Record<State, string> = {
  alarm: 'An alarm that nobody has dismissed yet',
  moving: 'On the move',
  idling: 'Standing with the engine on',
  stopped: 'Standing',
  silent: 'No data although some is due',
  unknown: 'Never heard with a position',
}

export const SILENT_MIN_MS = 10 * 60_000
export const SILENT_INTERVALS = 3
export const ALARM_FRESH_MS = 15 * 60_000
/* A vehicle without a motion attribute moves above 5 km/h. */
export const MOVING_MIN_KN = 2.7

export interface Facts {
  nowMs: number
  heardMs: number | null /* when the device last said anything */
  usualMs: number | null /* its usual interval, where it is known */
  silentAfterMs?: number | null /* set by hand on the device; wins over the usual interval */
  openAlarm: boolean /* an alarm event that is not dismissed */
  dismissedMs: number /* alarms up to this time are dismissed */
  position: { timeMs: number; speedKn: number; attributes: Attributes } | null
}

export function silentAfter(facts: Pick<Facts, 'usualMs' | 'silentAfterMs'>): number {
  return facts.silentAfterMs || Math.max(SILENT_INTERVALS * (facts.usualMs ?? 0), SILENT_MIN_MS)
}

export function isMoving(speedKn: number, attributes: Attributes): boolean {
  return typeof attributes.motion === 'boolean' ? attributes.motion : speedKn > MOVING_MIN_KN
}

function hasAlarm(facts: Facts): boolean {
  if (facts.openAlarm) return true
  const position = facts.position
  return !!position?.attributes.alarm && position.timeMs > facts.dismissedMs &&
    facts.nowMs - position.timeMs <= ALARM_FRESH_MS
}

export function stateOf(facts: Facts): State {
  if (hasAlarm(facts)) return 'alarm'
  const { position, heardMs } = facts
  if (!position) return 'unknown'
  if (facts.nowMs - (heardMs ?? position.timeMs) > silentAfter(facts)) return 'silent'
  if (isMoving(position.speedKn, position.attributes)) return 'moving'
  return position.attributes.ignition === true ? 'idling' : 'stopped'
}

/* Learns a device's usual interval as the median of its last gaps. */
export class Rhythm {
  private gaps: number[] = []
  private lastMs: number | null = null

  hear(timeMs: number): void {
    const gap = this.lastMs === null ? 0 : timeMs - this.lastMs
    if (this.lastMs === null || gap > 0) this.lastMs = timeMs
    if (gap < 500) return
    this.gaps.push(gap)
    if (this.gaps.length > 9) this.gaps.shift()
  }

  get usualMs(): number | null {
    if (!this.gaps.length) return null
    const sorted = [...this.gaps].sort((a, b) => a - b)
    return sorted[sorted.length >> 1]!
  }
}

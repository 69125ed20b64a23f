/* A day as a list that reads like a diary. */
import type { Leg } from './day'
import { duration } from './time'
import { distanceText, speedText, type Units } from './units'

export function legTitle(leg: Leg): string {
  if (leg.kind === 'drive') return 'Drive'
  if (leg.kind === 'gap') return 'No data'
  return leg.parking ? 'Parked' : 'Stop'
}

export function legText(leg: Leg, units: Units): string {
  if (leg.kind === 'drive') return `${distanceText(leg.distanceM, units)}, up to ${speedText(leg.maxKn, units)}`
  if (leg.kind === 'gap') return `${distanceText(leg.distanceM, units)} further on`
  return leg.idleMs >= 60_000 ? `engine on for ${duration(leg.idleMs)}` : ''
}

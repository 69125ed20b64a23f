/* The units of the user: what the server tells in knots, metres and milliseconds. */
import type { Attributes, Server, User } from '../api/types'

export type SpeedUnit = 'kmh' | 'mph' | 'kn'
export type DistanceUnit = 'km' | 'mi' | 'nmi'
export type AltitudeUnit = 'm' | 'ft'

export interface Units {
  speed: SpeedUnit
  distance: DistanceUnit
  altitude: AltitudeUnit
  timezone: string /* IANA name */
}

export const SPEED: Record<SpeedUnit, { perKn: number; label: string }> = {
  kmh: { perKn: 1.852, label: 'km/h' },
  mph: { perKn: 1.150779, label: 'mph' },
  kn: { perKn: 1, label: 'kn' },
}

export const DISTANCE: Record<DistanceUnit, { metres: number; label: string }> = {
  km: { metres: 1000, label: 'km' },
  mi: { metres: 1609.344, label: 'mi' },
  nmi: { metres: 1852, label: 'nmi' },
}

export const KMH_PER_KN = 1.852
const FEET_PER_M = 3.28084

function isZone(name: unknown): name is string {
  if (typeof name !== 'string' || !name) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/* The user's own choice, else the server's, else the browser's (server first where it
 * insists). */
export function unitsOf(user: User | null, server: Server | null): Units {
  const own = user?.attributes ?? {}
  const common = server?.attributes ?? {}
  const [first, second]: [Attributes, Attributes] = server?.forceSettings ? [common, own] : [own, common]
  const choose = <K extends string>(key: string, known: Record<K, unknown>, otherwise: K): K => {
    for (const value of [first[key], second[key]])
      if (typeof value === 'string' && value in known) return value as K
    return otherwise
  }
  const zone = [first.timezone, second.timezone].find(isZone)
  return {
    speed: choose('speedUnit', SPEED, 'kmh'),
    distance: choose('distanceUnit', DISTANCE, 'km'),
    altitude: choose<AltitudeUnit>('altitudeUnit', { m: 1, ft: 1 }, 'm'),
    timezone: zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}

export function speedText(kn: number, units: Units): string {
  const { perKn, label } = SPEED[units.speed]
  return `${Math.round(kn * perKn)} ${label}`
}

export function distanceText(metres: number, units: Units): string {
  const { metres: per, label } = DISTANCE[units.distance]
  const value = metres / per
  if (units.distance === 'km' && metres < 1000) return `${Math.round(metres)} m`
  return `${value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${label}`
}

export function altitudeText(metres: number, units: Units): string {
  return units.altitude === 'ft' ? `${Math.round(metres * FEET_PER_M)} ft` : `${Math.round(metres)} m`
}

export function bytesText(bytes: number): string {
  const steps = ['B', 'kB', 'MB', 'GB', 'TB']
  let step = 0
  while (bytes >= 1000 && step < steps.length - 1) {
    bytes /= 1000
    step++
  }
  return `${step && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)} ${steps[step]}`
}

export function countText(count: number): string {
  return count.toLocaleString('en')
}

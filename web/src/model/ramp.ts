/* Speed as colour: the bands of a track and of its legend, in the user's unit. */
import type { Day } from './day'
import { SPEED, type SpeedUnit } from './units'

const EDGES: Record<SpeedUnit, readonly number[]> = {
  kmh: [20, 40, 60, 80, 100],
  mph: [15, 25, 40, 50, 60],
  kn: [10, 20, 30, 40, 55],
}

export function bandOf(kn: number, unit: SpeedUnit): number {
  const speed = kn * SPEED[unit].perKn
  const band = EDGES[unit].findIndex((edge) => speed < edge)
  return band < 0 ? EDGES[unit].length : band
}

/* "0", "20", ... "100+" for a legend */
export function bandLabels(unit: SpeedUnit): string[] {
  return ['0', ...EDGES[unit].map(String)].map((text, i, all) => (i === all.length - 1 ? `${text}+` : text))
}

/* Over a longer time nobody knows which way the vehicle took. */
export const HOLE_MS = 10 * 60_000

export interface Run {
  band: number
  gap: boolean
  line: [longitude: number, latitude: number][]
}

/* The track as lines of one colour each, drives and gaps only. */
export function runsOf(day: Day, unit: SpeedUnit): Run[] {
  const runs: Run[] = []
  for (const leg of day.legs) {
    if (leg.kind === 'stop') continue
    let run: Run | null = null
    for (let i = leg.first; i < leg.last; i++) {
      const a = day.points[i]!
      const b = day.points[i + 1]!
      const band = bandOf(Math.max(a.speed, b.speed), unit)
      const gap = leg.kind === 'gap' || day.ms[i + 1]! - day.ms[i]! > HOLE_MS
      if (!run || run.band !== band || run.gap !== gap) {
        run = { band, gap, line: [[a.longitude, a.latitude]] }
        runs.push(run)
      }
      run.line.push([b.longitude, b.latitude])
    }
  }
  return runs
}

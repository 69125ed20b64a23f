import { describe, expect, it } from 'vitest'
import type { Position } from '../api/types'
import { dayOf } from './day'
import { bandLabels, bandOf, runsOf } from './ramp'

const start = Date.UTC(2026, 10, 22)
const at = (second: number, latitude: number, speed: number) => ({
  fixTime: new Date(start + second * 1000).toISOString(), valid: true, latitude, longitude: 11, speed, attributes: {},
}) as unknown as Position

describe('ramp', () => {
  it.each([[0, 'kmh', 0], [10.7, 'kmh', 0], [11, 'kmh', 1], [100, 'kmh', 5], [20, 'mph', 1], [60, 'kn', 5]] as const)(
    '%d kn in %s is band %d', (kn, unit, want) => expect(bandOf(kn, unit)).toBe(want))
  it('labels the start of each band', () => expect(bandLabels('kmh')).toEqual(['0', '20', '40', '60', '80', '100+']))

  it('joins what has one colour, without a hole between colours', () => {
    const runs = runsOf(dayOf([at(0, 48, 5), at(60, 48.01, 5), at(120, 48.02, 30), at(180, 48.04, 30)]), 'kmh')
    expect(runs.map((run) => [run.band, run.line.length])).toEqual([[0, 2], [2, 3]])
    expect(runs[0]!.line.at(-1)).toEqual(runs[1]!.line[0])
  })
  it('marks where nobody knows the way', () => {
    const runs = runsOf(dayOf([at(0, 48, 30), at(60, 48.01, 30), at(1800, 48.3, 30), at(1860, 48.31, 30)]), 'kmh')
    expect(runs.map((run) => run.gap)).toEqual([false, true, false])
  })
})

import { describe, expect, it } from 'vitest'
import { age, ago, brief, dayOfTime, dayStart, duration, exact, fromLocalInput, rangeOf, rangeText, shiftDay, toLocalInput } from './time'
import { altitudeText, bytesText, distanceText, speedText, unitsOf, type Units } from './units'
import type { Server, User } from '../api/types'

const noon = Date.UTC(2026, 10, 22, 12, 15, 4)

describe('time', () => {
  it.each([
    ['UTC', '22 Nov 2026, 12:15:04'],
    ['Asia/Kolkata', '22 Nov 2026, 17:45:04'],
    ['America/New_York', '22 Nov 2026, 07:15:04'],
  ])('exact in %s', (zone, want) => expect(exact(noon, zone)).toBe(want))

  it.each([
    [0, 'now'], [12_000, '12 s ago'], [59_999, '59 s ago'], [180_000, '3 min ago'],
    [5 * 3600_000, '5 h ago'], [72 * 3600_000, '3 days ago'], [-3600_000, 'in 1 h'],
  ])('%d ms ago', (past, want) => expect(ago(noon - past, noon)).toBe(want))

  it.each([[999, '0 s'], [61_000, '1 min'], [7200_000, '2 h'], [49 * 3600_000, '2 d']])('age %d', (past, want) =>
    expect(age(noon - past, noon)).toBe(want))

  it.each([[40_000, '40 s'], [240_000, '4 min'], [7_500_000, '2 h 05 min'], [3 * 86_400_000, '3 d 0 h']])(
    'duration %d', (ms, want) => expect(duration(ms)).toBe(want))

  it('says the day only where it differs', () => {
    expect(brief(noon, noon, 'UTC')).toBe('12:15')
    expect(brief(noon - 86_400_000, noon, 'UTC')).toBe('21 Nov, 12:15')
  })

  it.each([
    ['2026-11-22', 'UTC', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22', 'Asia/Kolkata', '2026-11-21T18:30:00.000Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'], /* the day before had 23 hours */
    ['2026-11-01', 'America/New_York', '2026-11-01T04:00:00.000Z'],
    ['2026-11-02', 'America/New_York', '2026-11-02T05:00:00.000Z'],
  ])('day %s in %s', (day, zone, want) => expect(new Date(dayStart(day, zone)).toISOString()).toBe(want))

  it('knows no day 40', () => expect(dayStart('2026-11-40', 'UTC')).toBeNaN())

  it('finds the day of a time', () => {
    expect(dayOfTime(Date.UTC(2026, 10, 22, 20), 'Asia/Kolkata')).toBe('2026-11-23')
    expect(shiftDay('2026-03-01', -1)).toBe('2026-02-28')
  })

  it('goes through a date field and back', () => {
    const text = toLocalInput(noon, 'Asia/Kolkata')
    expect(text).toBe('2026-11-22T17:45')
    expect(fromLocalInput(text, 'Asia/Kolkata')).toBe(noon - 4000)
  })
})

describe('rangeOf', () => {
  const hours = (text: string, zone = 'UTC') => {
    const range = rangeOf(text, noon, zone)
    return range && [new Date(range.from).toISOString().slice(5, 16), (range.to - range.from) / 3600_000]
  }
  it.each([
    ['today', ['11-22T00:00', 24]], ['yesterday', ['11-21T00:00', 24]], ['3h', ['11-22T09:15', 3]],
    ['2026-10-25', ['10-25T00:00', 24]], ['nonsense', null], ['2026-11-22T10:00:00Z..2026-11-22T08:00:00Z', null],
    ['2026-11-22T08:00:00Z..2026-11-22T10:00:00Z', ['11-22T08:00', 2]],
  ])('%s', (text, want) => expect(hours(text)).toEqual(want))
  it('has 25 hours on the day the clock goes back', () => expect(hours('2026-10-25', 'Europe/Berlin')![1]).toBe(25))
  it('comes back from its text', () => {
    const range = { from: noon, to: noon + 5000 }
    expect(rangeOf(rangeText(range), 0, 'UTC')).toEqual(range)
  })
})

describe('units', () => {
  const metric: Units = { speed: 'kmh', distance: 'km', altitude: 'm', timezone: 'UTC' }
  const miles: Units = { speed: 'mph', distance: 'mi', altitude: 'ft', timezone: 'UTC' }
  it('speaks metric', () => {
    expect([speedText(10, metric), distanceText(840, metric), distanceText(84_000, metric), altitudeText(100, metric)])
      .toEqual(['19 km/h', '840 m', '84.0 km', '100 m'])
  })
  it('speaks miles', () => {
    expect([speedText(10, miles), distanceText(840, miles), distanceText(1_609_344, miles), altitudeText(100, miles)])
      .toEqual(['12 mph', '0.5 mi', '1,000 mi', '328 ft'])
  })
  it.each([[0, '0 B'], [999, '999 B'], [1500, '1.5 kB'], [2_340_000_000, '2.3 GB']])('%d bytes', (bytes, want) =>
    expect(bytesText(bytes)).toBe(want))

  const user = { attributes: { speedUnit: 'mph', timezone: 'Asia/Tokyo' } } as unknown as User
  const server = { attributes: { speedUnit: 'kn', distanceUnit: 'nmi', timezone: 'No/Where' } } as unknown as Server
  it('takes the user before the server', () => {
    expect(unitsOf(user, server)).toMatchObject({ speed: 'mph', distance: 'nmi', timezone: 'Asia/Tokyo' })
  })
  it('takes the server first where it insists, and no zone that is none', () => {
    expect(unitsOf(user, { ...server, forceSettings: true })).toMatchObject({ speed: 'kn', timezone: 'Asia/Tokyo' })
  })
})

import { describe, expect, it } from 'vitest'
import type { Position } from '../api/types'
import { dayOf, indexAt, placeAtTime, trackOf } from './day'

const start = Date.UTC(2026, 10, 22, 6)
const degreePerM = 1 / 111_195
let id = 0

/* A point `second` seconds after the start, `metres` north of it. */
function at(second: number, metres: number, change: Partial<Position> = {}): Position {
  const time = new Date(start + second * 1000).toISOString()
  return {
    id: ++id, deviceId: 1, protocol: 'gt06', deviceTime: time, fixTime: time, serverTime: time, valid: true, outdated: false,
    network: null, geofenceIds: [], frameId: id,
    latitude: 48 + metres * degreePerM, longitude: 11, altitude: 0, speed: 0, course: 0, accuracy: 0,
    address: null, attributes: {}, ...change,
  }
}

/* Standing at a place, a point each minute. */
function stand(fromS: number, minutes: number, metres: number, change: Partial<Position> = {}): Position[] {
  return Array.from({ length: minutes + 1 }, (_, i) => at(fromS + i * 60, metres, change))
}

/* Driving at 36 km/h, a point each ten seconds, without the ends. */
function drive(fromS: number, seconds: number, fromM: number): Position[] {
  const points = []
  for (let s = 10; s < seconds; s += 10) points.push(at(fromS + s, fromM + s * 10, { speed: 19.4 }))
  return points
}

describe('dayOf', () => {
  it('is empty without points', () => {
    expect(dayOf([])).toMatchObject({ legs: [], distanceM: 0, maxAt: -1 })
  })

  it('finds stop, drive, stop', () => {
    const day = dayOf([...stand(0, 10, 0), ...drive(600, 600, 0), ...stand(1200, 4, 6000)])
    expect(day.legs.map((leg) => leg.kind)).toEqual(['stop', 'drive', 'stop'])
    expect(day.legs.map((leg) => leg.parking)).toEqual([true, false, false])
    expect(day.distanceM).toBeCloseTo(6000, -1)
    expect(day.movingMs).toBe(600_000)
    expect(day.stoppedMs).toBe(14 * 60_000)
    expect(day.maxKn).toBe(19.4)
  })

  it('does not call a wait of two minutes a stop', () => {
    const day = dayOf([...drive(0, 300, 0), ...stand(300, 2, 3000), ...drive(420, 300, 3000)])
    expect(day.legs.map((leg) => leg.kind)).toEqual(['drive'])
  })

  it('starts the stop when the vehicle stands, not when it comes within 200 m', () => {
    const day = dayOf([...drive(0, 600, 0), ...stand(600, 10, 6000), ...drive(1200, 600, 6000)])
    const stop = day.legs.find((leg) => leg.kind === 'stop')!
    expect((stop.startMs - start) / 1000).toBe(600)
    expect((stop.endMs - start) / 1000).toBe(1200)
  })

  it('joins a stop that one bad fix had cut', () => {
    const day = dayOf([...stand(0, 10, 0), at(630, 900), ...stand(660, 10, 0)])
    expect(day.legs.filter((leg) => leg.kind === 'stop')).toHaveLength(1)
  })

  it('calls an hour without data a gap when the vehicle has moved', () => {
    const day = dayOf([...drive(0, 100, 0), ...drive(7200, 100, 50_000)])
    expect(day.legs.map((leg) => leg.kind)).toEqual(['drive', 'gap', 'drive'])
    expect(day.movingMs).toBe(160_000)
  })

  it('calls it a stop when it has not', () => {
    const day = dayOf([at(0, 0), at(20_000, 5)])
    expect(day.legs.map((leg) => leg.kind)).toEqual(['stop'])
  })

  it('counts the engine running while standing', () => {
    const day = dayOf([...stand(0, 5, 0, { attributes: { ignition: true } }), ...stand(360, 5, 0)])
    expect(day.idleMs).toBe(6 * 60_000)
  })

  it('leaves out points without a fix and sorts late ones in', () => {
    const track = trackOf([at(20, 0), at(10, 0), at(30, 0, { valid: false }), at(40, 0, { latitude: 0, longitude: 0 })])
    expect(track.ms.map((ms) => (ms - start) / 1000)).toEqual([10, 20])
  })

  it('takes a heartbeat at the time it was sent', () => {
    const beat = { outdated: true, fixTime: new Date(start).toISOString() }
    const day = dayOf([at(0, 0), at(600, 0, { ...beat, deviceTime: new Date(start + 600_000).toISOString() })])
    expect(day.stoppedMs).toBe(600_000)
  })
})

describe('placeAtTime', () => {
  const track = trackOf([at(0, 0), at(10, 100), at(20, 200), at(9000, 90_000)])
  it('lies between two fixes by time', () => {
    expect(placeAtTime(track, start + 5000)!.latitude).toBeCloseTo(48 + 50 * degreePerM, 9)
  })
  it('stays at the last fix across a gap', () => {
    expect(placeAtTime(track, start + 4000_000)!.latitude).toBeCloseTo(48 + 200 * degreePerM, 9)
  })
  it('is bounded by the ends', () => {
    expect(placeAtTime(track, start - 5000)!.index).toBe(0)
    expect(placeAtTime(track, start + 9_999_000)!.index).toBe(3)
    expect(placeAtTime(trackOf([]), start)).toBeNull()
  })
  it.each([[-1, -1], [0, 0], [9999, 0], [10_000, 1], [1e9, 3]])('index at %d ms', (ms, want) =>
    expect(indexAt(track.ms, start + ms)).toBe(want))
})

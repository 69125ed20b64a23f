import { describe, expect, it } from 'vitest'
import { mercatorX, mercatorY, latitudeOf, longitudeOf, distanceM, isPlaced, wind } from './geo'
import { GLIDE_MAX_MS, glideTo, placeAt, rest } from './glide'

const x0 = mercatorX(11.57), y0 = mercatorY(48.137)
const x1 = mercatorX(11.58), y1 = mercatorY(48.137) /* 742 m east */
const now = 1_000_000

describe('glideTo', () => {
  it('starts where the marker is and ends at the fix, after the interval', () => {
    const glide = glideTo(rest(x0, y0), x1, y1, 10_000, 10_000, now)
    expect(placeAt(glide, now)).toEqual([x0, y0])
    expect(placeAt(glide, now + 5000)[0]).toBeCloseTo((x0 + x1) / 2, 12)
    expect(placeAt(glide, now + 10_000)).toEqual([x1, y1])
  })
  it('is never ahead of the fix', () => {
    const glide = glideTo(rest(x0, y0), x1, y1, 10_000, 10_000, now)
    expect(placeAt(glide, now + 3_600_000)).toEqual([x1, y1])
  })
  it('takes up a glide that has not ended', () => {
    const first = glideTo(rest(x0, y0), x1, y1, 10_000, 10_000, now)
    const shown = placeAt(first, now + 4000)
    const second = glideTo(first, x1, y1 + 1e-6, 4000, 10_000, now + 4000)
    expect([second.fromX, second.fromY]).toEqual(shown)
  })
  it.each([
    ['the usual interval', 60_000, 5000, 5000],
    ['the gap', 3000, 10_000, 0], /* 742 m in 3 s: nobody drives that */
    ['the cap', 60_000, 60_000, GLIDE_MAX_MS],
    ['late data', -5000, 10_000, 0],
  ])('is bounded by %s', (_name, gap, usual, want) => {
    const glide = glideTo(rest(x0, y0), x1, y1, gap, usual, now)
    expect(glide.endMs - glide.startMs).toBe(want)
  })
  it('shows the first fix at once', () => {
    expect(placeAt(glideTo(null, x1, y1, 1000, 1000, now), now)).toEqual([x1, y1])
  })
})

describe('geo', () => {
  it('goes to Mercator and back', () => {
    expect(latitudeOf(mercatorY(48.137))).toBeCloseTo(48.137, 9)
    expect(longitudeOf(mercatorX(-77.03))).toBeCloseTo(-77.03, 9)
  })
  it('measures', () => {
    expect(distanceM({ latitude: 48, longitude: 11 }, { latitude: 49, longitude: 11 })).toBeCloseTo(111_195, -1)
  })
  it.each([[0, 0, false], [NaN, 1, false], [91, 1, false], [0, 1, true], [48, 11, true]])(
    'place %d %d is one: %s', (latitude, longitude, want) => expect(isPlaced({ latitude, longitude })).toBe(want))
  it.each([[0, 'N'], [44, 'NE'], [359, 'N'], [-90, 'W'], [180, 'S']])('%d is %s', (deg, want) =>
    expect(wind(deg)).toBe(want))
})

import { describe, expect, it } from 'vitest'
import { fanOut, type Fanned } from './fan'

const at = (id: number, toX: number, hidden = false): Fanned =>
  ({ id, glide: { toX, toY: 0.3, endMs: 0 }, hidden, offsetX: 9, offsetY: 9 })

function nearest(markers: Fanned[]): number {
  let least = Infinity
  for (const a of markers) for (const b of markers)
    if (a.id < b.id) least = Math.min(least, Math.hypot(a.offsetX - b.offsetX, a.offsetY - b.offsetY))
  return least
}

describe('fanOut', () => {
  it('leaves a marker that stands alone where it is', () => {
    const markers = [at(1, 0.5), at(2, 0.6)]
    fanOut(markers, 34)
    expect(markers.map((m) => [m.offsetX, m.offsetY])).toEqual([[0, 0], [0, 0]])
  })
  it.each([2, 3, 10, 11, 60])('moves %d at one place apart', (count) => {
    const markers = Array.from({ length: count }, (_, i) => at(i, 0.5))
    fanOut(markers, 34)
    expect(nearest(markers)).toBeGreaterThan(30)
  })
  it('does not count hidden ones', () => {
    const markers = [at(1, 0.5), at(2, 0.5, true)]
    fanOut(markers, 34)
    expect(markers[0]!.offsetX).toBe(0)
  })
})

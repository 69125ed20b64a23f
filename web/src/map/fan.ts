/*
 * Markers never hide each other: those that stand at the same place fan out, on a ring
 * while it has room and on a spiral beyond.
 */

export interface Fanned {
  id: number
  glide: { toX: number; toY: number; endMs: number }
  hidden: boolean
  offsetX: number
  offsetY: number
}

/* About 20 m at the equator, in Mercator units. */
const CELL = 5e-7
const RING_MAX = 10
const GOLDEN = Math.PI * (3 - Math.sqrt(5))

/* Sets the offsets of all markers, in pixels; `widthPx` is a marker's. */
export function fanOut(markers: readonly Fanned[], widthPx: number): void {
  const cells = new Map<string, Fanned[]>()
  for (const marker of markers) {
    marker.offsetX = marker.offsetY = 0
    if (marker.hidden) continue
    const key = `${Math.round(marker.glide.toX / CELL)}/${Math.round(marker.glide.toY / CELL)}`
    const cell = cells.get(key)
    if (cell) cell.push(marker)
    else cells.set(key, [marker])
  }
  for (const cell of cells.values()) {
    if (cell.length < 2) continue
    cell.sort((a, b) => a.id - b.id)
    cell.forEach((marker, i) => {
      const ring = cell.length <= RING_MAX
      const angle = ring ? (i / cell.length) * 2 * Math.PI - Math.PI / 2 : i * GOLDEN
      const radius = ring ? Math.max(widthPx * 0.62, (cell.length * widthPx) / (2 * Math.PI)) : widthPx * 0.75 * Math.sqrt(i + 1)
      marker.offsetX = Math.cos(angle) * radius
      marker.offsetY = Math.sin(angle) * radius
    })
  }
}

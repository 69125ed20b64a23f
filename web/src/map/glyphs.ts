/*
 * The small pictures that tell what kind of vehicle it is, as paths on a 24 x 24 field.
 * The map draws them white on the marker, the list and the forms in the text's colour.
 */

export const GLYPHS: Record<string, string> = {
  default: 'M12 4.300a5.300 5.300 0 0 0-5.300 5.300c0 3.800 5.300 10.100 5.300 10.100s5.300-6.300 5.300-10.100A5.300 5.300 0 0 0 12 4.300Zm0 3.400a1.900 1.900 0 1 1 0 3.800a1.900 1.900 0 1 1 0-3.800Z',
  car: 'M5 11l1.6-4.2A1.6 1.6 0 0 1 8.1 5.8h7.8a1.6 1.6 0 0 1 1.5 1L19 11a2 2 0 0 1 1.3 1.9v4.3a.9.9 0 0 1-.9.9h-1.3a.9.9 0 0 1-.9-.9V16H6.8v1.2a.9.9 0 0 1-.9.9H4.6a.9.9 0 0 1-.9-.9v-4.3A2 2 0 0 1 5 11Zm2-.3h10l-1.1-3H8.1ZM6.9 14.6a1.1 1.1 0 1 0 0-2.2a1.1 1.1 0 1 0 0 2.2Zm10.2 0a1.1 1.1 0 1 0 0-2.2a1.1 1.1 0 1 0 0 2.2Z',
  van: 'M3 7.2A1.2 1.2 0 0 1 4.2 6h10.6c.5 0 1 .3 1.3.7l3.9 5c.3.3.4.7.4 1.1v3a1.2 1.2 0 0 1-1.2 1.2h-.5a2.2 2.2 0 0 1-4.4 0h-4.6a2.2 2.2 0 0 1-4.4 0h-1A1.2 1.2 0 0 1 3 15.800Zm10.500.8v3.600h4.200l-2.800-3.600Z',
  truck: 'M2.500 6.700a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v8.600H2.500Zm12 2.200h3.300c.4 0 .700.2 1 .500l2.300 2.900c.2.2.3.500.3.800v2.200h-6.900ZM2.500 16.300h19v.500a.8.8 0 0 1-.8.8h-.900a2 2 0 0 1-4 0H8.700a2 2 0 0 1-4 0H3.300a.8.8 0 0 1-.8-.8Z',
  bus: 'M6.500 4.500h11A1.800 1.800 0 0 1 19.300 6.300v10.900a1 1 0 0 1-1 1v.9a.9.9 0 0 1-.9.9h-.7a.9.9 0 0 1-.9-.9v-.9H8.200v.9a.9.9 0 0 1-.9.9h-.7a.9.9 0 0 1-.9-.9v-.9a1 1 0 0 1-1-1V6.300A1.800 1.800 0 0 1 6.500 4.500Zm.3 2.600v5h4.400v-5Zm6 0v5h4.400v-5ZM7.700 16.400a1.100 1.100 0 1 0 0-2.200a1.100 1.100 0 1 0 0 2.200Zm8.600 0a1.100 1.100 0 1 0 0-2.200a1.100 1.100 0 1 0 0 2.200Z',
  motorcycle: 'M5.500 11.500a3.700 3.700 0 1 0 3.600 4.400h2.600l3.500-4.300.8 1.200a3.700 3.700 0 1 0 1.500-.9L14.700 7.500h-3.200v1.700h2.200l.7 1.100H9.800l-1.500-1H5v1.700h2.700l1 .7-.5.500a3.700 3.700 0 0 0-2.700-.7Zm0 1.800a1.900 1.900 0 1 1 0 3.800a1.900 1.900 0 1 1 0-3.800Zm13 0a1.900 1.900 0 1 1 0 3.800a1.900 1.900 0 1 1 0-3.800Z',
  person: 'M12 4.500a2.400 2.400 0 1 1 0 4.800a2.400 2.400 0 1 1 0-4.800Zm-3.200 5.600h6.400a1.500 1.500 0 0 1 1.500 1.500v3.900h-1.900v4.500h-2.200v-4h-1.200v4H9.200v-4.500H7.300v-3.900a1.500 1.500 0 0 1 1.500-1.500Z',
  boat: 'M11.200 4h1.300l5.700 8.600h-7Zm-1.400 2.500v6.100H6ZM3.500 14h17l-2.200 4.200a1.500 1.500 0 0 1-1.300.8H7a1.500 1.500 0 0 1-1.300-.8Z',
  tractor: 'M4.500 6h7.200l1 4.300h4.800V7.500H19v2.900a1.700 1.700 0 0 1 1 1.500v1.500a3 3 0 0 0-4.300 3H13.100A4.700 4.700 0 0 0 4.500 11.500Zm4 5.800a4.200 4.200 0 1 1 0 8.400a4.200 4.200 0 1 1 0-8.400Zm0 2.500a1.700 1.700 0 1 0 0 3.400a1.700 1.700 0 1 0 0-3.400Zm9.800-.2a2.500 2.500 0 1 1 0 5a2.500 2.500 0 1 1 0-5Z',
  trailer: 'M2.500 7.500a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v6.500h3v1.700h-5.200a2.300 2.300 0 0 1-4.300 0h-.9a2.300 2.300 0 0 1-4.300 0H2.500Zm6.500 6.300a1.400 1.400 0 1 0 0 2.800a1.400 1.400 0 1 0 0-2.800Zm5.100 0a1.400 1.400 0 1 0 0 2.800a1.400 1.400 0 1 0 0-2.800Z',
  plane: 'M12 3c.9 0 1.400.9 1.400 2v4.200l6.600 4.100v1.900l-6.600-2v3.900l1.900 1.400v1.500L12 19l-3.300 1v-1.500l1.900-1.400v-3.900l-6.600 2v-1.900l6.600-4.100V5c0-1.100.5-2 1.400-2Z',
  animal: 'M12 11.500c2.600 0 5 2.700 5 5.100a2.300 2.300 0 0 1-3 2.200a6.500 6.500 0 0 0-4 0a2.300 2.300 0 0 1-3-2.200c0-2.400 2.400-5.100 5-5.100ZM5.200 9.200a1.700 2.100 0 1 1 0 4.200a1.700 2.100 0 1 1 0-4.200Zm13.600 0a1.700 2.100 0 1 1 0 4.200a1.700 2.100 0 1 1 0-4.200ZM9.200 4.800a1.800 2.300 0 1 1 0 4.600a1.800 2.300 0 1 1 0-4.600Zm5.600 0a1.800 2.300 0 1 1 0 4.600a1.800 2.300 0 1 1 0-4.600Z',
  question: 'M12 4.800c2.800 0 4.900 1.800 4.900 4.200 0 1.900-1 2.900-2.300 3.800-1.100.8-1.400 1.200-1.400 2.100h-2.500c0-2 .7-3 2.200-4 1-.7 1.500-1.100 1.500-1.900 0-1-.9-1.800-2.400-1.800-1.500 0-2.500.8-2.600 2.200H6.900C7 6.600 9.100 4.800 12 4.800Zm0 11.600a1.600 1.600 0 1 1 0 3.200a1.600 1.600 0 1 1 0-3.200Z',
}

export const GLYPH_NAMES = Object.keys(GLYPHS)

/* Categories of the open vocabulary that share a picture. */
const ALIKE: Record<string, string> = {
  bicycle: 'motorcycle', scooter: 'motorcycle', camper: 'van', crane: 'truck', helicopter: 'plane', pickup: 'van',
  ship: 'boat', train: 'bus', tram: 'bus',
}

export const CATEGORIES = [
  'car', 'van', 'truck', 'bus', 'trailer', 'motorcycle', 'bicycle', 'scooter', 'tractor', 'crane', 'camper', 'person',
  'animal', 'boat', 'ship', 'train', 'tram', 'plane', 'helicopter',
] as const

export function glyphName(category: string | null): string {
  const name = category ?? 'default'
  return Object.hasOwn(GLYPHS, name) && name !== 'question' ? name : (ALIKE[name] ?? 'default')
}

export function glyphIndex(category: string | null): number {
  return GLYPH_NAMES.indexOf(glyphName(category))
}

export const QUESTION = GLYPH_NAMES.indexOf('question')

/* All glyphs in one row, white on nothing: what the marker shader reads. */
export function glyphAtlas(cell: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = cell * GLYPH_NAMES.length
  canvas.height = cell
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#fff'
  GLYPH_NAMES.forEach((name, i) => {
    pen.setTransform(cell / 24, 0, 0, cell / 24, i * cell, 0)
    pen.fill(new Path2D(GLYPHS[name]), 'evenodd')
  })
  return canvas
}

/* Bytes for people. */
import type { Field } from '../api/types'

export function bytesOf(hex: string): number[] {
  const bytes: number[] = []
  for (let i = 0; i + 1 < hex.length; i += 2) {
    const byte = parseInt(hex.slice(i, i + 2), 16)
    if (Number.isNaN(byte)) break
    bytes.push(byte)
  }
  return bytes
}

/* A byte as a character; a middle dot for what has no shape. */
export function character(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'
}

/* Is this a text protocol's frame? */
export function isText(bytes: readonly number[]): boolean {
  if (!bytes.length) return false
  const shown = bytes.filter((b) => (b >= 0x20 && b < 0x7f) || b === 0x0a || b === 0x0d).length
  return shown / bytes.length > 0.92
}

/* "78 78 0a 13" */
export function spaced(hex: string): string {
  return hex.match(/.{1,2}/g)?.join(' ') ?? ''
}

/* For each byte the fields that lie over it, by index; several where bits are split. */
export function cover(length: number, fields: readonly Field[]): number[][] {
  const over: number[][] = Array.from({ length }, () => [])
  fields.forEach((field, index) => {
    for (let i = field.offset; i < Math.min(length, field.offset + field.length); i++) over[i]!.push(index)
  })
  return over
}

/* Where a malformed frame went wrong: behind the last field that could be read. */
export function faultAt(length: number, fields: readonly Field[]): number {
  const end = fields.reduce((most, field) => Math.max(most, field.offset + field.length), 0)
  return Math.min(end, Math.max(0, length - 1))
}

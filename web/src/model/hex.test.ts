import { describe, expect, it } from 'vitest'
import type { Field } from '../api/types'
import { bytesOf, character, cover, faultAt, isText, spaced } from './hex'

const field = (name: string, offset: number, length: number): Field => ({ name, offset, length, value: '1', meaning: '' })

describe('hex', () => {
  it.each([['7878', [0x78, 0x78]], ['', []], ['0', []], ['0aXX', [10]]])('bytes of %s', (hex, want) =>
    expect(bytesOf(hex)).toEqual(want))
  it('shows what has a shape', () => expect([0x41, 0x0d, 0x7f, 0xe9].map(character).join('')).toBe('A···'))
  it.each([['242c4c474e2c2a0d0a', true], ['78780a134606040002000a34bc0d0a', false], ['', false]])(
    '%s is text: %s', (hex, want) => expect(isText(bytesOf(hex))).toBe(want))
  it('spaces', () => expect(spaced('78780a1')).toBe('78 78 0a 1'))
  it('knows every field over a byte, and none beyond the end', () => {
    expect(cover(4, [field('a', 0, 2), field('fix', 1, 1), field('late', 3, 9)])).toEqual([[0], [0, 1], [], [2]])
  })
  it.each([[[field('a', 0, 2)], 2], [[], 0], [[field('a', 0, 10)], 9]])('fault', (fields, want) =>
    expect(faultAt(10, fields as Field[])).toBe(want))
})

import { describe, expect, it } from 'vitest'
import { advice, clockAdvice, type Condition } from './advice'

const now = 1_800_000_000_000
const base: Condition = {
  nowMs: now, heardMs: now - 5000, fixMs: now - 6000, valid: true, silentMs: 600_000, connected: true,
  attributes: { sat: 0, power: 11.9 },
}

describe('advice', () => {
  it.each([
    ['nothing wrong', {}, ''],
    ['never heard', { heardMs: null }, 'Never heard. Send it the texts of the Setup tab, and check that its identifier is right.'],
    ['old fix', { fixMs: now - 14 * 60_000 }, 'No fix for 14 min. Last: 0 satellites, 11.9 V. Check the antenna.'],
    ['fix not valid', { valid: false, attributes: {} }, 'No fix for 6 s. Check the antenna.'],
    ['silent', { heardMs: now - 3 * 3600_000, connected: false }, 'No data for 3 h. Last: 0 satellites, 11.9 V. Check supply and SIM.'],
    ['silent with low supply', { heardMs: now - 3 * 3600_000, attributes: { power: 8.2 } }, 'No data for 3 h. Last: 8.2 V. Check the supply; the connection is still open.'],
    ['no position', { fixMs: null, attributes: {} }, 'It speaks, but has sent no position yet. Give the antenna a view of the sky.'],
  ] as [string, Partial<Condition>, string][])('%s', (_name, change, want) => {
    expect(advice({ ...base, ...change })).toBe(want)
  })
  it.each([
    [null, ''], [30, ''], [19_800, 'Its clock is 5.5 h ahead: it is set to a time zone. Send GMT,E,0#.'],
    [-3610, 'Its clock is 1 h behind: it is set to a time zone. Send GMT,E,0#.'], [200, 'Its clock is 200 s ahead.'],
  ])('clock %s', (seconds, want) => expect(clockAdvice(seconds)).toBe(want))
})

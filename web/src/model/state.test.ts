import { describe, expect, it } from 'vitest'
import { Rhythm, stateOf, type Facts, type State } from './state'

const now = Date.UTC(2026, 10, 22, 12)
const minutes = (n: number) => n * 60_000

function facts(change: Partial<Facts> & { speedKn?: number; attributes?: Record<string, string | boolean>; ageMs?: number }): Facts {
  const { speedKn = 0, attributes = {}, ageMs = 10_000, ...rest } = change
  return {
    nowMs: now, heardMs: now - ageMs, usualMs: 60_000, openAlarm: false, dismissedMs: 0,
    position: { timeMs: now - ageMs, speedKn, attributes }, ...rest,
  }
}

describe('stateOf', () => {
  const cases: [string, Facts, State][] = [
    ['motion', facts({ attributes: { motion: true } }), 'moving'],
    ['speed where motion is not told', facts({ speedKn: 20 }), 'moving'],
    ['motion wins over speed', facts({ speedKn: 20, attributes: { motion: false } }), 'stopped'],
    ['engine on, still', facts({ attributes: { motion: false, ignition: true } }), 'idling'],
    ['engine off', facts({ attributes: { motion: false, ignition: false } }), 'stopped'],
    ['ten minutes are not silence', facts({ ageMs: minutes(10), attributes: { motion: true } }), 'moving'],
    ['more than ten minutes are', facts({ ageMs: minutes(10) + 1, attributes: { motion: true } }), 'silent'],
    ['an hourly device is not silent after two', facts({ usualMs: minutes(60), ageMs: minutes(120) }), 'stopped'],
    ['but after three and a bit', facts({ usualMs: minutes(60), ageMs: minutes(181) }), 'silent'],
    ['a limit set by hand', facts({ silentAfterMs: minutes(1), ageMs: minutes(2) }), 'silent'],
    ['heartbeats keep it from being silent', facts({ ageMs: minutes(60), heardMs: now - 1000 }), 'stopped'],
    ['alarm in the last position', facts({ attributes: { alarm: 'sos', motion: true } }), 'alarm'],
    ['an old alarm has faded', facts({ ageMs: minutes(16), heardMs: now, attributes: { alarm: 'sos' } }), 'stopped'],
    ['a dismissed alarm', facts({ attributes: { alarm: 'sos' }, dismissedMs: now }), 'stopped'],
    ['an open alarm event outlives silence', facts({ ageMs: minutes(600), openAlarm: true }), 'alarm'],
    ['never heard', facts({ position: null, heardMs: null }), 'unknown'],
    ['heard, never placed', facts({ position: null }), 'unknown'],
  ]
  it.each(cases)('%s', (_name, given, want) => expect(stateOf(given)).toBe(want))
})

describe('Rhythm', () => {
  it('is unknown until two messages', () => {
    const rhythm = new Rhythm()
    rhythm.hear(1000)
    expect(rhythm.usualMs).toBeNull()
  })
  it('is the median gap, so that one long break does not count', () => {
    const rhythm = new Rhythm()
    for (const second of [0, 60, 120, 4000, 4060, 4120]) rhythm.hear(second * 1000)
    expect(rhythm.usualMs).toBe(60_000)
  })
  it('takes no notice of bursts and of late data', () => {
    const rhythm = new Rhythm()
    for (const ms of [0, 60_000, 60_100, 30_000, 120_100]) rhythm.hear(ms)
    expect(rhythm.usualMs).toBe(60_000)
  })
})

/*
 * What is wrong with a vehicle's data, in one sentence that says what to check.  Empty
 * where nothing is wrong.
 */
import type { Attributes } from '../api/types'
import { age } from './time'

export interface Condition {
  nowMs: number
  heardMs: number | null
  fixMs: number | null /* when the last valid place was taken */
  valid: boolean
  silentMs: number
  connected: boolean
  attributes: Attributes
}

const SUPPLY_LOW_V = 11.5
const FIX_OLD_MS = 5 * 60_000
const CLOCK_STEP_MS = 15 * 60_000

export function advice(c: Condition): string {
  if (c.heardMs === null) return 'Never heard. Send it the texts of the Setup tab, and check that its identifier is right.'
  const { sat, power } = c.attributes
  const figures = [
    typeof sat === 'number' ? `${sat} satellites` : '',
    typeof power === 'number' ? `${power.toFixed(1)} V` : '',
  ].filter(Boolean).join(', ')
  const last = figures ? ` Last: ${figures}.` : ''
  if (c.nowMs - c.heardMs > c.silentMs) {
    const supply = typeof power === 'number' && power < SUPPLY_LOW_V ? 'the supply' : 'supply and SIM'
    return `No data for ${age(c.heardMs, c.nowMs)}.${last} Check ${supply}${c.connected ? '; the connection is still open' : ''}.`
  }
  if (c.fixMs === null) return `It speaks, but has sent no position yet.${last} Give the antenna a view of the sky.`
  if (!c.valid || c.heardMs - c.fixMs > FIX_OLD_MS) return `No fix for ${age(c.fixMs, c.nowMs)}.${last} Check the antenna.`
  return ''
}

/* A clock that is off by whole quarters of an hour is set to a time zone. */
export function clockAdvice(errorSeconds: number | null): string {
  if (errorSeconds === null || Math.abs(errorSeconds) < 60) return ''
  const ms = Math.abs(errorSeconds) * 1000
  const direction = errorSeconds > 0 ? 'ahead' : 'behind'
  const steps = Math.round(ms / CLOCK_STEP_MS)
  if (steps > 0 && Math.abs(ms - steps * CLOCK_STEP_MS) < 60_000)
    return `Its clock is ${steps / 4} h ${direction}: it is set to a time zone. Send GMT,E,0#.`
  return `Its clock is ${Math.round(Math.abs(errorSeconds))} s ${direction}.`
}

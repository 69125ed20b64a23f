/*
 * Times as people read them, in the zone of the user.  Everything inside is epoch ms;
 * a day is "2026-11-22".
 */

const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options })))
  return found
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
const CLOCK_S: Intl.DateTimeFormatOptions = { ...CLOCK, second: '2-digit' }

export function clock(ms: number, zone: string, seconds = false): string {
  return format(zone, seconds ? CLOCK_S : CLOCK).format(ms)
}

/* "22 Nov 2026, 10:15:04" */
export function exact(ms: number, zone: string): string {
  return format(zone, { day: 'numeric', month: 'short', year: 'numeric', ...CLOCK_S }).format(ms)
}

/* "Sun 22 Nov" */
export function dayName(ms: number, zone: string): string {
  return format(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(ms).replace(',', '')
}

/* The short form of a time: only what differs from now. */
export function brief(ms: number, nowMs: number, zone: string): string {
  return dayOfTime(ms, zone) === dayOfTime(nowMs, zone) ? clock(ms, zone)
    : `${format(zone, { day: 'numeric', month: 'short' }).format(ms)}, ${clock(ms, zone)}`
}

/* "now", "12 s ago", "3 min ago", "5 h ago", "2 days ago" */
export function ago(ms: number, nowMs: number): string {
  const age = nowMs - ms
  if (age < -90 * SECOND) return `in ${span(-age)}`
  if (age < 2 * SECOND) return 'now'
  return `${span(age)} ago`
}

/* Age for narrow columns: "12 s", "3 min", "5 h", "2 d". */
export function age(ms: number, nowMs: number): string {
  const past = Math.max(0, nowMs - ms)
  if (past < MINUTE) return `${Math.floor(past / SECOND)} s`
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min`
  if (past < 2 * DAY) return `${Math.floor(past / HOUR)} h`
  return `${Math.floor(past / DAY)} d`
}

function span(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`
  return `${Math.floor(ms / DAY)} days`
}

/* "2 h 05 min", "4 min", "40 s" */
export function duration(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`
  const minutes = Math.round(ms / MINUTE)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`
  return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
}

export function dayOfTime(ms: number, zone: string): string {
  const parts = Object.fromEntries(
    format(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(ms).map((p) => [p.type, p.value]))
  return `${parts.year}-${parts.month}-${parts.day}`
}

/* How far the zone's wall clock is ahead of UTC at a time. */
function offset(ms: number, zone: string): number {
  const parts = Object.fromEntries(
    format(zone, { year: 'numeric', month: '2-digit', day: '2-digit', ...CLOCK_S })
      .formatToParts(ms).map((p) => [p.type, Number(p.value)])) as Record<string, number>
  return Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!) -
    Math.floor(ms / SECOND) * SECOND
}

/* The instant of a wall clock time in a zone; inside the hour that a spring change
 * skips it is the hour after. */
export function instant(wallMs: number, zone: string): number {
  const guess = wallMs - offset(wallMs, zone)
  return wallMs - offset(guess, zone)
}

/* Start of a day in a zone; NaN where the text is no day. */
export function dayStart(day: string, zone: string): number {
  const wall = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN
  return Number.isNaN(wall) ? NaN : instant(wall, zone)
}

export function shiftDay(day: string, by: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + by * DAY).toISOString().slice(0, 10)
}

/* For <input type="datetime-local">: the wall clock, and back. */
export function toLocalInput(ms: number, zone: string): string {
  return new Date(ms + offset(ms, zone)).toISOString().slice(0, 16)
}

export function fromLocalInput(text: string, zone: string): number {
  const wall = Date.parse(`${text}Z`)
  return Number.isNaN(wall) ? NaN : instant(wall, zone)
}

/* ---- ranges ---- */

export interface Range {
  from: number
  to: number
}

export const QUICK_RANGES = [
  ['today', 'Today'], ['yesterday', 'Yesterday'],
  ['1h', '1 h'], ['3h', '3 h'], ['6h', '6 h'], ['24h', '24 h'],
] as const

/* A range's text: a quick name, a day, or two times with ".." between. */
export function rangeOf(text: string, nowMs: number, zone: string): Range | null {
  const today = dayOfTime(nowMs, zone)
  if (text === 'today') return { from: dayStart(today, zone), to: dayStart(shiftDay(today, 1), zone) }
  if (text === 'yesterday') return { from: dayStart(shiftDay(today, -1), zone), to: dayStart(today, zone) }
  const hours = /^(\d{1,3})h$/.exec(text)
  if (hours) return { from: nowMs - Number(hours[1]) * HOUR, to: nowMs }
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const from = dayStart(text, zone)
    return Number.isNaN(from) ? null : { from, to: dayStart(shiftDay(text, 1), zone) }
  }
  const [a, b] = text.split('..')
  const from = Date.parse(a ?? '')
  const to = Date.parse(b ?? '')
  return from < to ? { from, to } : null
}

export function rangeText(range: Range): string {
  const stamp = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
  return `${stamp(range.from)}..${stamp(range.to)}`
}

/* Steps for a time axis of this length that give a handful of ticks. */
export function axisStep(lengthMs: number, ticks: number): number {
  const steps = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR,
    6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY]
  return steps.find((step) => lengthMs / step <= ticks) ?? 30 * DAY
}

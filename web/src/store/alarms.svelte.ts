/*
 * Alarms that nobody has dismissed.  A device's alarms are dismissed up to a time, which
 * this browser remembers.
 */
import type { FleetEvent } from '../api/types'

const KEY = 'milepost.dismissed'
const OPEN_MAX = 500
/* Good news that the vocabulary counts among the alarms. */
const GOOD_NEWS = new Set(['powerRestored', 'powerOn'])

export function isAlarm(event: FleetEvent): boolean {
  return event.type === 'alarm' && !GOOD_NEWS.has(String(event.attributes.alarm))
}

export function isUrgent(event: FleetEvent): boolean {
  return String(event.attributes.alarm).split(',').some((name) => name === 'sos' || name === 'accident')
}

function load(): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, number>
  } catch {
    return {}
  }
}

class Alarms {
  private dismissed = load()
  /* Urgent ones first, then the newest. */
  open = $state.raw<FleetEvent[]>([])
  private devices = $derived(new Set(this.open.map((event) => event.deviceId)))
  private listeners = new Set<(devices: number[]) => void>()

  dismissedMs(device: number): number {
    return this.dismissed[device] ?? 0
  }

  has(device: number): boolean {
    return this.devices.has(device)
  }

  onChange(listener: (devices: number[]) => void): void {
    this.listeners.add(listener)
  }

  /* Takes new events; answers which of them are new alarms. */
  add(events: FleetEvent[]): FleetEvent[] {
    const known = new Set(this.open.map((event) => event.id))
    const fresh = events.filter((event) => isAlarm(event) && !known.has(event.id) &&
      Date.parse(event.eventTime) > this.dismissedMs(event.deviceId))
    if (!fresh.length) return []
    this.open = [...fresh, ...this.open]
      .sort((a, b) => Number(isUrgent(b)) - Number(isUrgent(a)) || b.eventTime.localeCompare(a.eventTime))
      .slice(0, OPEN_MAX)
    this.tell(fresh)
    return fresh
  }

  dismiss(devices: number[]): void {
    const now = Date.now()
    for (const device of devices) this.dismissed[device] = now
    const gone = this.open.filter((event) => devices.includes(event.deviceId))
    this.open = this.open.filter((event) => !devices.includes(event.deviceId))
    try {
      localStorage.setItem(KEY, JSON.stringify(this.dismissed))
    } catch {
      /* Forgotten with the page, then. */
    }
    this.tell(gone, devices)
  }

  clear(): void {
    this.open = []
  }

  private tell(events: FleetEvent[], more: number[] = []): void {
    const devices = [...new Set([...events.map((event) => event.deviceId), ...more])]
    for (const listener of this.listeners) listener(devices)
  }
}

export const alarms = new Alarms()

/* A vehicle in a few words: the second line of its row. */
import { wind } from '../model/geo'
import { alarmText } from '../model/keys'
import { age } from '../model/time'
import { speedText, type Units } from '../model/units'
import { alarms } from '../store/alarms.svelte'
import type { Vehicle } from '../store/fleet.svelte'

export function vehicleLine(vehicle: Vehicle, units: Units, nowMs: number): string {
  const { position, state } = vehicle
  if (state === 'alarm') {
    const open = alarms.open.find((event) => event.deviceId === vehicle.id)
    return alarmText(String(open?.attributes.alarm ?? position?.attributes.alarm ?? 'general'))
  }
  if (state === 'unknown') return vehicle.heardMs ? 'Heard, but no position yet' : 'Never heard'
  if (state === 'silent') return `No data for ${age(vehicle.heardMs ?? vehicle.fixMs, nowMs)}`
  if (state === 'moving' && position && !vehicle.headed) return 'On the move'
  if (state === 'moving' && position) return `${speedText(position.speed, units)} ${wind(position.course)}`
  if (state === 'idling') return 'Standing, engine on'
  return vehicle.attributes.ignition === false ? 'Standing, engine off' : 'Standing'
}

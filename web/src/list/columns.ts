/* The columns that the table can show. */
import { keyLabel, valueText } from '../model/keys'
import { age } from '../model/time'
import { speedText, type Units } from '../model/units'
import type { Vehicle } from '../store/fleet.svelte'

export interface Column {
  key: string
  label: string
  right: boolean
  width: number
  text: (vehicle: Vehicle, units: Units, nowMs: number, groupName: (id: number) => string) => string
}

function attribute(key: string, width = 96, right = false): Column {
  return {
    key, label: keyLabel(key), right, width,
    text: (vehicle, units) => {
      const value = vehicle.attributes[key]
      return value === undefined || value === null ? '' : valueText(key, value, units)
    },
  }
}

export const COLUMNS: readonly Column[] = [
  { key: 'speed', label: 'Speed', right: true, width: 84, text: (v, units) => (v.position && v.headed ? speedText(v.position.speed, units) : '') },
  { key: 'age', label: 'Heard', right: true, width: 72, text: (v, _units, now) => (v.heardMs ? age(v.heardMs, now) : '') },
  attribute('ignition', 80),
  attribute('power', 80, true),
  attribute('batteryLevel', 110, true),
  attribute('sat', 92, true),
  attribute('rssi', 110, true),
  attribute('door', 72),
  attribute('blocked', 110),
  attribute('totalDistance', 116, true),
  attribute('odometer', 104, true),
  attribute('hours', 116, true),
  attribute('fuelLevel', 92, true),
  attribute('temp1', 120, true),
  { key: 'group', label: 'Group', right: false, width: 130, text: (v, _u, _n, group) => group(v.device.groupId) },
  { key: 'model', label: 'Model', right: false, width: 120, text: (v) => v.device.model ?? '' },
  { key: 'phone', label: 'Phone', right: false, width: 130, text: (v) => v.device.phone ?? '' },
  { key: 'uniqueId', label: 'Identifier', right: false, width: 150, text: (v) => v.device.uniqueId },
]

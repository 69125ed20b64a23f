/* Names and units of what a position can say, for people. */
import type { Value } from '../api/types'
import { duration } from './time'
import { altitudeText, distanceText, type Units } from './units'

type Kind = 'm' | 'altitude' | 'ms' | 'V' | '%' | '°C' | 'l' | 'km/h' | '1/min' | 'onoff' | 'yesno' | 'open' | ''

const KEYS: Record<string, [label: string, kind: Kind]> = {
  alarm: ['Alarm', ''], archive: ['Stored, sent later', 'yesno'], armed: ['Armed', 'yesno'],
  battery: ['Battery', 'V'], batteryLevel: ['Battery level', '%'], blocked: ['Cut-off relay', 'onoff'],
  bootReason: ['Reason of start', ''], card: ['Card', ''], charge: ['External power', 'onoff'],
  checksumOk: ['Checksum fits', 'yesno'], coolantTemp: ['Coolant', '°C'], deviceTemp: ['Device temperature', '°C'],
  distance: ['Since the last position', 'm'], door: ['Door', 'open'], driverUniqueId: ['Driver', ''],
  drivingTime: ['Driving time', 'ms'], dtcs: ['Trouble codes', ''], emergency: ['Emergency', 'yesno'],
  engineLoad: ['Engine load', '%'], event: ['Event code', ''], eventData: ['Event data', ''], fuel: ['Fuel', 'l'],
  fuelLevel: ['Fuel level', '%'], fuelUsed: ['Fuel used', 'l'], geofence: ["Device's own fence", ''],
  gSensor: ['Acceleration', ''], hdop: ['HDOP', ''], hours: ['Engine hours', 'ms'], humidity: ['Humidity', '%'],
  iccid: ['SIM card (ICCID)', ''], ignition: ['Ignition', 'onoff'], index: ['Frame number', ''],
  input: ['Inputs, as bits', ''], lock: ['Locked', 'yesno'], motion: ['Moving', 'yesno'],
  obdOdometer: ['Odometer by OBD', 'm'], obdSpeed: ['Speed by OBD', 'km/h'], odometer: ['Odometer', 'm'],
  operator: ['Network', ''], output: ['Outputs, as bits', ''], pdop: ['PDOP', ''], power: ['Supply', 'V'],
  result: ['Answer to a command', ''], rpm: ['Engine speed', '1/min'], rssi: ['Mobile signal', ''],
  sat: ['Satellites', ''], satVisible: ['Satellites visible', ''], status: ['Status bits', ''], steps: ['Steps', ''],
  tamper: ['Cover', 'open'], throttle: ['Throttle', '%'], totalDistance: ['Total distance', 'm'],
  tripOdometer: ['Trip', 'm'], type: ['Message number', ''], vdop: ['VDOP', ''], versionFw: ['Firmware', ''],
  versionHw: ['Hardware', ''], vin: ['VIN', ''],
}

const FAMILIES: Record<string, [label: string, kind: Kind]> = {
  adc: ['Analog input', ''], count: ['Counter', ''], in: ['Input', 'onoff'], io: ['I/O element', ''],
  out: ['Output', 'onoff'], temp: ['Temperature', '°C'],
}

function find(name: string): [label: string, kind: Kind] {
  if (Object.hasOwn(KEYS, name)) return KEYS[name]!
  const member = /^([a-z]+)(\d+)$/.exec(name)
  if (member && Object.hasOwn(FAMILIES, member[1]!)) {
    const [label, kind] = FAMILIES[member[1]!]!
    return [`${label} ${member[2]}`, kind]
  }
  return [words(name), '']
}

/* "hardBraking" as "Hard braking" */
export function words(name: string): string {
  const text = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/_/g, ' ').toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function keyLabel(name: string): string {
  return find(name)[0]
}

export function valueText(name: string, value: Value, units: Units): string {
  const kind = find(name)[1]
  if (typeof value === 'boolean') {
    if (kind === 'open') return value ? 'open' : 'closed'
    return kind === 'onoff' ? (value ? 'on' : 'off') : value ? 'yes' : 'no'
  }
  if (typeof value === 'string') return name === 'alarm' ? alarmText(value) : value
  if (kind === 'm') return distanceText(value, units)
  if (kind === 'altitude') return altitudeText(value, units)
  if (kind === 'ms') return duration(value)
  const figure = Number.isInteger(value) ? String(value) : String(Number(value.toFixed(kind === 'V' ? 2 : 3)))
  return kind && kind !== 'onoff' && kind !== 'yesno' && kind !== 'open' ? `${figure} ${kind}` : figure
}

const ALARMS: Record<string, string> = {
  sos: 'SOS', powerCut: 'External power cut', powerRestored: 'External power back', lowBattery: 'Battery low',
  lowPower: 'Supply low', gpsAntennaCut: 'GPS antenna cut', tow: 'Towed', door: 'Door opened', tampering: 'Cover opened',
  removing: 'Device removed', hardAcceleration: 'Hard acceleration', hardBraking: 'Hard braking',
  hardCornering: 'Hard cornering', overspeed: 'Too fast', highRpm: 'Engine speed high', fatigueDriving: 'Driving too long',
}

/* "sos,powerCut" as "SOS, external power cut" */
export function alarmText(names: string): string {
  const texts = names.split(',').map((name) => ALARMS[name] ?? words(name))
  return texts.map((text, i) => (i && text !== 'SOS' ? text.charAt(0).toLowerCase() + text.slice(1) : text)).join(', ')
}

const EVENTS: Record<string, string> = {
  ignitionOn: 'Ignition on', ignitionOff: 'Ignition off', deviceOnline: 'Connected', deviceOffline: 'Connection closed',
  deviceUnknown: 'Nothing heard', deviceMoving: 'Started moving', deviceStopped: 'Stopped', doorOpened: 'Door opened',
  doorClosed: 'Door closed', inputOn: 'Input on', inputOff: 'Input off',
}

export function eventText(event: { type: string; attributes: Record<string, Value | null | undefined> }): string {
  if (event.type === 'alarm') return alarmText(String(event.attributes.alarm ?? 'general'))
  const input = event.attributes.name ?? (event.attributes.input ? `Input ${event.attributes.input}` : null)
  if (event.type === 'inputOn' || event.type === 'inputOff')
    return `${input ?? 'Input'} ${event.type === 'inputOn' ? 'on' : 'off'}`
  return EVENTS[event.type] ?? words(event.type)
}

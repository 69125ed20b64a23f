import { describe, expect, it } from 'vitest'
import { alarmText, eventText, keyLabel, valueText, words } from './keys'
import type { Units } from './units'

const units: Units = { speed: 'kmh', distance: 'km', altitude: 'm', timezone: 'UTC' }

describe('keys', () => {
  it.each([
    ['sat', 'Satellites'], ['temp3', 'Temperature 3'], ['in2', 'Input 2'], ['bootCount', 'Boot count'],
    ['constructor', 'Constructor'], ['x_9', 'X 9'],
  ])('%s is called %s', (name, want) => expect(keyLabel(name)).toBe(want))

  it.each([
    ['power', 12.634, '12.63 V'], ['batteryLevel', 87, '87 %'], ['ignition', true, 'on'], ['door', false, 'closed'],
    ['totalDistance', 84_000, '84.0 km'], ['hours', 7_500_000, '2 h 05 min'], ['temp1', -4.5, '-4.5 °C'],
    ['archive', true, 'yes'], ['alarm', 'sos,hardBraking', 'SOS, hard braking'], ['anything', 'text', 'text'],
  ])('%s %s', (name, value, want) => expect(valueText(name, value, units)).toBe(want))

  it('names alarms and events', () => {
    expect(alarmText('fallDown')).toBe('Fall down')
    expect(eventText({ type: 'alarm', attributes: { alarm: 'powerCut' } })).toBe('External power cut')
    expect(eventText({ type: 'inputOn', attributes: { input: 3, name: 'Tail lift' } })).toBe('Tail lift on')
    expect(eventText({ type: 'ignitionOff', attributes: {} })).toBe('Ignition off')
    expect(words('hardBraking')).toBe('Hard braking')
  })
})

import { describe, expect, it } from 'vitest'
import { aisTexts, isLocalHost, serverText, weTrackSteps, type SetupInput } from './setup'

const input: SetupInput = {
  host: 'fleet.example.com', port: 8888, transport: 'tcp', apn: 'm2m', apnUser: '', apnPassword: '',
  movingSeconds: 60, parkedSeconds: 300, sos: ['', ''], centre: '',
}
const texts = (change: Partial<SetupInput>) => weTrackSteps({ ...input, ...change }).flatMap((step) => step.texts)

describe('the texts of the WeTrack140', () => {
  it.each([
    ['fleet.example.com', 'tcp', 'SERVER,1,fleet.example.com,8888,0#'],
    ['fleet.example.com', 'udp', 'SERVER,1,fleet.example.com,8888,1#'],
    ['203.0.113.9', 'tcp', 'SERVER,0,203.0.113.9,8888,0#'],
    ['203.0.113.9', 'udp', 'SERVER,0,203.0.113.9,8888,1#'],
    ['', 'tcp', 'SERVER,1,<host>,8888,0#'],
  ] as const)('%s over %s', (host, transport, want) => expect(serverText({ host, transport, port: 8888 })).toBe(want))

  it('come in the order of the sheet', () => {
    const list = texts({})
    const order = ['VERSION#', 'FACTORY#', 'GMT,E,0#', 'APN,m2m#', 'SERVER,1,fleet.example.com,8888,0#', 'TIMER,60,300#', 'GPRSON,1#', 'RESET#']
    expect(order.map((text) => list.indexOf(text))).toEqual([...order.map((text) => list.indexOf(text))].sort((a, b) => a - b))
    expect(order.every((text) => list.includes(text))).toBe(true)
  })
  it('all end where a text ends', () => expect(texts({}).every((text) => text.endsWith('#') && text.indexOf('#') === text.length - 1)).toBe(true))
  it('name what is missing', () => expect(texts({ apn: '' })).toContain('APN,<apn>#'))
  it('carry user and password', () => expect(texts({ apnUser: 'u', apnPassword: 'p' })).toContain('APN,m2m,u,p#'))
  it('carry the numbers', () => expect(texts({ sos: ['+91 98450 1', ' ', '112'] })).toContain('SOS,A,+91984501,112#'))
  it('cannot be broken out of', () => expect(texts({ apn: 'a#,b', host: 'h#,1' })).toEqual(expect.arrayContaining(['APN,ab#', 'SERVER,1,h1,8888,0#'])))
  it('keep intervals within what the unit takes', () => expect(texts({ movingSeconds: 1, parkedSeconds: NaN })).toContain('TIMER,5,60#'))
  it('have a form for AIS-140', () => expect(aisTexts(input)[0]).toBe('SET PIP:fleet.example.com,PPT:8888'))

  it.each([['localhost', true], ['192.168.1.4', true], ['172.20.0.1', true], ['172.40.0.1', false], ['fleet.example.com', false], ['203.0.113.9', false]])(
    '%s is only reachable from here: %s', (host, want) => expect(isLocalHost(host)).toBe(want))
})

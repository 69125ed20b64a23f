import { describe, expect, it } from 'vitest'
import { format, parse, PLAIN, type View } from './url'

const open = (address: string) => {
  const [path, query = ''] = address.split('?')
  return parse(path!, query)
}

describe('the address', () => {
  const views: [string, Partial<View>][] = [
    ['/', {}],
    ['/vehicle/12', { vehicle: 12 }],
    ['/vehicle/12/raw?frame=99', { vehicle: 12, tab: 'raw', frame: 99 }],
    ['/vehicle/7/day?range=2026-11-22&at=2026-11-22T08:15:30Z', { vehicle: 7, tab: 'day', range: '2026-11-22', at: Date.UTC(2026, 10, 22, 8, 15, 30) }],
    ['/users/new', { panel: 'users', item: 'new' }],
    ['/unknown/203.0.113.7%3A40112', { panel: 'unknown', item: '203.0.113.7:40112' }],
    ['/?q=%D8%B4%D8%A7%D8%AD%D9%86%D8%A9%20%261', { text: 'شاحنة &1' }],
    ['/?state=alarm,moving&group=3&view=table&sort=-speed', { states: ['alarm', 'moving'], group: 3, table: true, sort: '-speed' }],
    ['/?map=12.5/48.13712/-11.5&follow=1&trails=all&kiosk=1', { camera: { zoom: 12.5, latitude: 48.13712, longitude: -11.5 }, follow: true, trails: 'all', kiosk: true }],
  ]
  it.each(views)('%s opens, and is written the same way', (address, change) => {
    expect(open(address)).toEqual({ ...PLAIN, ...change })
    expect(format(open(address))).toBe(address)
  })

  it.each([
    '/vehicle/abc', '/vehicle/-4', '/nowhere', '/%E0%A4%A', '/?map=1/2', '/?map=12/99/0', '/?state=flying',
    '/?sort=%3Cscript%3E', '/?group=x', '/?at=noon',
  ])('%s is read as the plain map', (address) => expect(open(address)).toEqual(PLAIN))

  it('forgets the day of a vehicle that is no longer open', () => {
    expect(format({ ...PLAIN, range: '3h', at: 5, frame: 9 })).toBe('/')
  })
})

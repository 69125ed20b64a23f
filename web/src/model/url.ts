/*
 * The grammar of the address: everything that is seen stands in it, so that a link opens
 * what its sender saw, and back and forward work.
 *
 *   path        what is open
 *     /                              the map alone
 *     /vehicle/ID[/TAB]              a vehicle; TAB is now (default), day, raw, setup, settings
 *     /unknown /users /groups        a panel; /users/ID and /users/new open one entry
 *     /account /server /add /alarms
 *   query       how it is seen; what stands at its default is left out
 *     q=TEXT  state=moving,alarm  group=ID     filters of list and map
 *     view=table   sort=-speed                 the left zone
 *     map=ZOOM/LAT/LON   follow=1   trails=all|none   labels=none|all
 *     range=today|yesterday|6h|2026-11-22|ISO..ISO     span of the Day tab
 *     at=ISO                                   the moment that replay stands at
 *     frame=ID                                 the frame pinned in the Raw tab
 *     kiosk=1                                  map only, for a wall
 *   read once, then gone
 *     token=TOKEN                              signs in
 *     uniqueId=ID                              opens that vehicle
 */
import { STATES, type State } from './state'

export const TABS = ['now', 'day', 'raw', 'setup', 'settings'] as const
export type Tab = (typeof TABS)[number]
export const PANELS = ['unknown', 'users', 'groups', 'account', 'server', 'add', 'alarms'] as const
export type Panel = (typeof PANELS)[number]
export const TRAILS = ['selected', 'all', 'none'] as const
export type Trails = (typeof TRAILS)[number]
export const LABELS = ['auto', 'all', 'none'] as const
export type Labels = (typeof LABELS)[number]

export interface Camera {
  zoom: number
  latitude: number
  longitude: number
}

export interface View {
  vehicle: number | null
  tab: Tab
  panel: Panel | null
  item: string | null
  text: string
  states: State[]
  group: number | null
  table: boolean
  sort: string
  camera: Camera | null
  follow: boolean
  trails: Trails
  labels: Labels
  range: string
  at: number | null
  frame: number | null
  kiosk: boolean
}

export const PLAIN: View = {
  vehicle: null, tab: 'now', panel: null, item: null, text: '', states: [], group: null, table: false, sort: 'name',
  camera: null, follow: false, trails: 'selected', labels: 'auto', range: 'today', at: null, frame: null, kiosk: false,
}

function oneOf<T extends string>(known: readonly T[], text: string | null | undefined): T | null {
  return known.includes(text as T) ? (text as T) : null
}

function id(text: string | null | undefined): number | null {
  const value = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0
  return value > 0 ? value : null
}

function cameraOf(text: string | null): Camera | null {
  const parts = (text ?? '').split('/').map(Number)
  const [zoom, latitude, longitude] = parts
  if (parts.length !== 3 || parts.some((n) => !Number.isFinite(n))) return null
  if (zoom! < 0 || zoom! > 24 || Math.abs(latitude!) > 85.06 || Math.abs(longitude!) > 540) return null
  return { zoom: zoom!, latitude: latitude!, longitude: longitude! }
}

export function parse(path: string, query: string): View {
  const view: View = { ...PLAIN, states: [] }
  const [head, item, tab] = path.split('/').filter(Boolean).map((part) => {
    try { return decodeURIComponent(part) } catch { return part }
  })
  if (head === 'vehicle') {
    view.vehicle = id(item)
    view.tab = oneOf(TABS, tab) ?? 'now'
  } else {
    view.panel = oneOf(PANELS, head)
    view.item = view.panel ? (item ?? null) : null
  }
  const params = new URLSearchParams(query)
  view.text = (params.get('q') ?? '').slice(0, 200)
  view.states = STATES.filter((state) => (params.get('state') ?? '').split(',').includes(state))
  view.group = id(params.get('group'))
  view.table = params.get('view') === 'table'
  view.sort = /^-?[A-Za-z]\w*$/.test(params.get('sort') ?? '') ? params.get('sort')! : PLAIN.sort
  view.camera = cameraOf(params.get('map'))
  view.follow = params.get('follow') === '1'
  view.trails = oneOf(TRAILS, params.get('trails')) ?? PLAIN.trails
  view.labels = oneOf(LABELS, params.get('labels')) ?? PLAIN.labels
  view.range = params.get('range') || PLAIN.range
  const at = Date.parse(params.get('at') ?? '')
  view.at = Number.isNaN(at) ? null : at
  view.frame = id(params.get('frame'))
  view.kiosk = params.get('kiosk') === '1'
  return view
}

function pathOf(view: View): string {
  if (view.vehicle) return `/vehicle/${view.vehicle}${view.tab === 'now' ? '' : `/${view.tab}`}`
  if (view.panel) return `/${view.panel}${view.item ? `/${encodeURIComponent(view.item)}` : ''}`
  return '/'
}

function fixed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}

export function format(view: View): string {
  const params: [string, string][] = []
  const add = (key: string, value: string | number | null, otherwise: string | number | null = null) => {
    if (value !== null && value !== '' && value !== otherwise) params.push([key, String(value)])
  }
  add('q', view.text)
  add('state', view.states.join(','))
  add('group', view.group)
  add('view', view.table ? 'table' : null)
  add('sort', view.sort, PLAIN.sort)
  if (view.camera)
    add('map', [fixed(view.camera.zoom, 2), fixed(view.camera.latitude, 5), fixed(view.camera.longitude, 5)].join('/'))
  add('follow', view.follow ? 1 : null)
  add('trails', view.trails, PLAIN.trails)
  add('labels', view.labels, PLAIN.labels)
  if (view.vehicle) {
    add('range', view.range, PLAIN.range)
    add('at', view.at === null ? null : new Date(view.at).toISOString().replace('.000Z', 'Z'))
    add('frame', view.frame)
  }
  add('kiosk', view.kiosk ? 1 : null)
  const plain = (text: string) => encodeURIComponent(text).replace(/%2F/g, '/').replace(/%3A/g, ':').replace(/%2C/g, ',')
  return pathOf(view) + (params.length ? `?${params.map(([key, value]) => `${key}=${plain(value)}`).join('&')}` : '')
}

/*
 * What travels between server and app.  Speeds are knots, distances metres, durations
 * milliseconds, times ISO 8601; model/units.ts turns them into what people read.
 */

export type Value = string | number | boolean
export type Attributes = Record<string, Value | null | undefined>
export type Iso = string

export interface Server {
  id: number
  attributes: Attributes
  registration: boolean
  readonly: boolean
  deviceReadonly: boolean
  limitCommands: boolean
  disableReports: boolean
  fixedEmail: boolean
  map: string | null
  mapUrl: string | null
  latitude: number
  longitude: number
  zoom: number
  forceSettings: boolean
  coordinateFormat: string | null
  announcement: string | null
  version: string
  newServer: boolean
}

export interface User {
  id: number
  attributes: Attributes
  name: string
  login: string | null
  email: string
  phone: string | null
  readonly: boolean
  administrator: boolean
  map: string | null
  latitude: number
  longitude: number
  zoom: number
  coordinateFormat: string | null
  disabled: boolean
  expirationTime: Iso | null
  deviceLimit: number
  userLimit: number
  deviceReadonly: boolean
  limitCommands: boolean
  disableReports: boolean
  fixedEmail: boolean
  password?: string | null
}

export interface Group {
  id: number
  attributes: Attributes
  name: string
  groupId: number
}

export type DeviceStatus = 'online' | 'offline' | 'unknown'

export interface Device {
  id: number
  attributes: Attributes
  name: string
  uniqueId: string
  status: DeviceStatus
  lastUpdate: Iso | null
  positionId: number
  groupId: number
  phone: string | null
  model: string | null
  contact: string | null
  category: string | null
  disabled: boolean
  expirationTime: Iso | null
}

export type DeviceDraft = Partial<Omit<Device, 'id'>> & { name: string; uniqueId: string }

export interface Position {
  id: number
  deviceId: number
  protocol: string
  deviceTime: Iso
  fixTime: Iso
  serverTime: Iso
  valid: boolean
  outdated?: boolean
  latitude: number
  longitude: number
  altitude: number
  speed: number
  course: number
  accuracy: number
  address: string | null
  frameId?: number
  attributes: Attributes
}

export interface FleetEvent {
  id: number
  type: string
  eventTime: Iso
  deviceId: number
  positionId: number
  attributes: Attributes
}

export type Verdict = 'decoded' | 'ignored' | 'malformed'

export interface Frame {
  id: number
  time: Iso
  uniqueId: string | null
  protocol: string | null
  transport: 'tcp' | 'udp'
  address: string
  connection: number
  direction: 'in' | 'out'
  message: string | null
  verdict: Verdict
  fault: string | null
  checksumOk: boolean | null
  hex: string
  replies: string[]
  positions: number[]
}

export interface Field {
  name: string
  offset: number
  length: number
  value: Value | null
  meaning: string | null
}

export interface Candidate {
  protocol: string
  title?: string
  score: number
  why: string
}

export interface ExplainedFrame extends Frame {
  fields: Field[]
  records: Partial<Position>[]
  detection: Candidate[]
}

export interface UnknownDevice {
  id: string | null
  protocol: string | null
  transport: 'tcp' | 'udp'
  address: string
  firstSeen: Iso
  lastSeen: Iso
  frames: number
  answered: boolean
  messages: string[]
  latitude: number | null
  longitude: number | null
  lastFrames: { time: Iso; message: string | null; hex: string }[]
}

export interface Health {
  protocol: string | null
  transport: 'tcp' | 'udp' | null
  address: string | null
  connected: boolean
  connectedSince: Iso | null
  frames: number
  positions: number
  repeats: number
  late: number
  malformed: number
  checksumErrors: number
  faults: { protocol: string; reason: string; count: number; lastTime: Iso }[]
  firmware: { version: string; firstSeen: Iso; lastSeen: Iso }[]
  clockErrorSeconds: number | null
  flags: { kind: string; time: Iso; text: string }[]
  detection: { protocol: string; score: number; why: string; candidates: Candidate[] } | null
}

export interface Overview {
  version: string
  startTime: Iso
  devices: number
  online: number
  connections: { tcp: number; udp: number }
  frames: number
  positions: number
  malformed: Record<string, Record<string, number>>
  journal: { bytes: number; segments: number; oldest: Iso | null; syncMs: number; stalled: string | null }
  store: { bytes: number; lag: number }
  unknown: number
  disk: { free: number; total: number }
}

export interface Demo {
  running: boolean
  devices: number
}

/* One message of the socket: any subset of the keys. */
export interface LiveMessage {
  positions?: Position[]
  devices?: Device[]
  events?: FleetEvent[]
  unknown?: number
}

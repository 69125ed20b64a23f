/*
 * What travels between server and app, as docs/openapi.yaml says it: `npm run types` makes
 * openapi.ts from that, and here its parts get their names.  Speeds are knots, distances
 * metres, durations milliseconds, times ISO 8601; model/units.ts turns them into what
 * people read.
 */
import type { components } from './openapi'

type Schemas = components['schemas']

export type Value = string | number | boolean
export type Attributes = Record<string, Value | null | undefined>
export type Iso = string

/* What may be left out on the way in is always there on the way out; and a free object is
 * not an empty one. */
type Whole<T> = Omit<Required<T>, 'attributes' | 'password'> & { attributes: Attributes }

export type Server = Whole<Schemas['Server']>
export type User = Whole<Schemas['User']> & { password?: string | null }
export type Group = Whole<Schemas['Group']>
export type Device = Whole<Schemas['Device']>
export type DeviceDraft = Partial<Omit<Device, 'id'>> & { name: string; uniqueId: string }
export type Position = Omit<Schemas['Position'], 'attributes' | 'address'> & { attributes: Attributes; address: string | null }
export type FleetEvent = Omit<Schemas['Event'], 'attributes'> & { attributes: Attributes }
export type Frame = Schemas['Frame']
export type Field = Schemas['Field']
export type ExplainedFrame = Schemas['ExplainedFrame']
export type Explained = Schemas['Explained']
export type UnknownDevice = Schemas['Unknown']
export type Health = Schemas['DeviceHealth']
export type Overview = Schemas['Overview']
export type Demo = components['responses']['Demo']['content']['application/json']

/* One message of the socket: any subset of the keys. */
export type LiveMessage = Pick<Schemas['SocketFrame'], 'removed' | 'unknown'> & {
  positions?: Position[]
  devices?: Device[]
  events?: FleetEvent[]
}

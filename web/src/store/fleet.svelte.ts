/*
 * Every vehicle, fed by the socket.  A vehicle's own values are signals, so that a row or
 * a panel redraws only when its vehicle changes; what concerns all of them (`version`,
 * `counts`) changes at most once a second.
 */
import { api, probeSession } from '../api/client'
import { Socket } from '../api/socket'
import type { Attributes, Device, FleetEvent, Group, LiveMessage, Position } from '../api/types'
import { isPlaced, latitudeOf, longitudeOf, mercatorX, mercatorY } from '../model/geo'
import { glideTo, placeAt, rest, type Glide } from '../model/glide'
import { Rhythm, stateOf, STATES, type State } from '../model/state'
import { alarms } from './alarms.svelte'
import { session } from './session.svelte'

const TRAIL_MAX = 120
const SETTLE_MS = 1000
const AGE_CHECK_MS = 5000
const RELOAD_RETRY_MS = 5000
const EVENTS_BACK_MS = 24 * 3600_000

export class Vehicle {
  readonly id: number
  device: Device = $state.raw(null!)
  position: Position | null = $state.raw(null)
  state: State = $state('unknown')
  readonly rhythm = new Rhythm()
  heardMs: number | null = $state(null)
  fixMs = $state(0)
  /* Values of the latest message, and of the latest of the other kind: a heartbeat has no
   * satellites, a position often no battery. */
  attributes: Attributes = $state.raw({})
  /* Its course is known: a message without a place tells none. */
  headed = false
  glide: Glide | null = null
  private other: Position | null = null
  trail: [longitude: number, latitude: number][] = []
  haystack = ''

  constructor(device: Device) {
    this.id = device.id
    this.update(device)
  }

  get name(): string {
    return this.device.name || this.device.uniqueId
  }

  update(device: Device): void {
    this.device = device
    this.heardMs = device.lastUpdate ? Date.parse(device.lastUpdate) : null
    if (this.heardMs) this.rhythm.hear(this.heardMs)
    this.haystack = [device.name, device.uniqueId, device.phone, device.model, device.contact]
      .join('\n').toLocaleLowerCase()
  }

  /* Takes a latest position; answers false where it is older than the known one. */
  place(position: Position, nowMs: number, first: boolean): boolean {
    const fixMs = Date.parse(position.fixTime)
    if (this.position && fixMs < this.fixMs) return false
    const gapMs = this.fixMs ? fixMs - this.fixMs : 0
    const last = this.position
    if (last && !last.outdated !== !position.outdated) this.other = last
    const { alarm: _alarm, event: _event, result: _result, ...lasting } = this.other?.attributes ?? {}
    this.attributes = { ...lasting, ...position.attributes }
    /* A message without a place says nothing about speed either. */
    const moved = position.outdated ? this.other : null
    this.headed = !position.outdated || moved !== null
    this.position = moved ? { ...position, speed: moved.speed, course: moved.course } : position
    this.fixMs = fixMs
    this.heardMs = Math.max(this.heardMs ?? 0, Date.parse(position.serverTime) || 0)
    if (!isPlaced(position)) return true
    const x = mercatorX(position.longitude)
    const y = mercatorY(position.latitude)
    this.glide = first || !this.glide ? rest(x, y) : glideTo(this.glide, x, y, gapMs, this.rhythm.usualMs, nowMs)
    const end = this.trail.at(-1)
    if (!end || end[0] !== position.longitude || end[1] !== position.latitude) {
      this.trail.push([position.longitude, position.latitude])
      if (this.trail.length > TRAIL_MAX) this.trail.shift()
    }
    return true
  }

  /* Where it came from, up to where it is shown. */
  trailShown(nowMs: number): [number, number][] {
    if (!this.glide || this.trail.length < 2) return this.trail
    const [x, y] = placeAt(this.glide, nowMs)
    return [...this.trail.slice(0, -1), [longitudeOf(x), latitudeOf(y)]]
  }

  judge(nowMs: number): boolean {
    const position = this.position
    const state = stateOf({
      nowMs,
      heardMs: this.heardMs,
      usualMs: this.rhythm.usualMs,
      silentAfterMs: Number(this.device.attributes.statusTimeout) * 1000 || null,
      openAlarm: alarms.has(this.id),
      dismissedMs: alarms.dismissedMs(this.id),
      position: position && isPlaced(position)
        ? { timeMs: this.fixMs, speedKn: position.speed, attributes: this.attributes } : null,
    })
    if (state === this.state) return false
    this.state = state
    return true
  }
}

export type Counts = Record<State, number>
export type Link = 'connecting' | 'live' | 'lost'

type Listener = (changed: Iterable<Vehicle>, all: boolean) => void

class Fleet {
  readonly vehicles = new Map<number, Vehicle>()
  /* Grows when the set of vehicles, a name or a state has changed. */
  version = $state(0)
  loaded = $state(false)
  counts = $state.raw<Counts>(Object.fromEntries(STATES.map((s) => [s, 0])) as Counts)
  total = $state(0)
  groups = $state.raw<Group[]>([])
  unknown = $state(0)
  link = $state<Link>('connecting')
  retryAt = $state(0)
  lostAt = $state(0)

  private socket: Socket | null = null
  private listeners = new Set<Listener>()
  private eventListeners = new Set<(alarms: FleetEvent[]) => void>()
  private settleTimer = 0
  private reloadTimer = 0
  private ageTimer = 0
  private run = 0

  constructor() {
    alarms.onChange((ids) => {
      const changed = ids.flatMap((id) => this.vehicles.get(id) ?? [])
      this.judge(changed)
      this.tell(changed)
    })
  }

  start(): void {
    this.stop()
    this.run++
    this.socket = new Socket({
      open: () => void this.reload(),
      messages: (batch) => this.take(batch),
      lost: (retryAt) => {
        if (this.link !== 'lost') this.lostAt = Date.now()
        this.link = 'lost'
        this.retryAt = retryAt
        void probeSession()
      },
    })
    this.ageTimer = window.setInterval(() => this.judge(this.vehicles.values(), true), AGE_CHECK_MS)
  }

  stop(): void {
    this.run++
    this.socket?.close()
    this.socket = null
    clearInterval(this.ageTimer)
    clearTimeout(this.reloadTimer)
    this.vehicles.clear()
    alarms.clear()
    this.loaded = false
    this.link = 'connecting'
    this.total = 0
    this.settle()
    this.tell([], true)
  }

  retry(): void {
    this.socket?.retry()
  }

  get(id: number | null): Vehicle | undefined {
    return id === null ? undefined : this.vehicles.get(id)
  }

  /* Tells which vehicles changed; `all` where the set itself did. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  onAlarms(listener: (alarms: FleetEvent[]) => void): () => void {
    this.eventListeners.add(listener)
    return () => this.eventListeners.delete(listener)
  }

  /* A device that was saved or added here, before the socket tells. */
  put(device: Device): void {
    this.take([{ devices: [device] }])
  }

  drop(id: number): void {
    this.vehicles.delete(id)
    this.settle()
    this.tell([], true)
  }

  async reloadGroups(): Promise<void> {
    this.groups = await api.groups()
  }

  /* Everything anew: at the start, and after the connection was lost. */
  private async reload(): Promise<void> {
    const run = this.run
    clearTimeout(this.reloadTimer)
    try {
      const [devices, positions, groups] = await Promise.all([api.devices(), api.positions(), api.groups().catch(() => [])])
      if (run !== this.run) return
      const present = new Set(devices.map((device) => device.id))
      for (const id of this.vehicles.keys()) if (!present.has(id)) this.vehicles.delete(id)
      this.groups = groups
      this.take([{ devices, positions }], !this.loaded)
      this.loaded = true
      this.link = 'live'
      this.settle()
      this.tell([], true)
      void this.reloadAlarms(run)
      void this.countUnknown()
    } catch {
      if (run === this.run) this.reloadTimer = window.setTimeout(() => void this.reload(), RELOAD_RETRY_MS)
    }
  }

  private async reloadAlarms(run: number): Promise<void> {
    const now = Date.now()
    const events = await api.events(new Date(now - EVENTS_BACK_MS), new Date(now + 60_000), { type: 'alarm' })
      .catch(() => [])
    if (run === this.run) alarms.add(events)
  }

  /* The socket tells only changes. */
  private async countUnknown(): Promise<void> {
    if (!session.administrator && !session.mayAdd) return
    const count = session.administrator ? (await api.overview().catch(() => null))?.unknown
      : (await api.unknown().catch(() => null))?.length
    if (count !== undefined) this.unknown = count
  }

  private take(batch: LiveMessage[], first = false): void {
    const now = Date.now()
    const changed = new Set<Vehicle>()
    const counted = this.vehicles.size
    for (const message of batch) {
      for (const device of message.devices ?? []) changed.add(this.takeDevice(device))
      for (const position of message.positions ?? []) {
        const vehicle = this.vehicles.get(position.deviceId)
        if (vehicle?.place(position, now, first)) changed.add(vehicle)
      }
      for (const id of message.removed ?? []) this.vehicles.delete(id)
      if (typeof message.unknown === 'number') this.unknown = message.unknown
      if (message.events) this.takeEvents(message.events)
    }
    this.judge(changed)
    if (this.vehicles.size !== counted) this.settleSoon()
    this.tell(changed, this.vehicles.size !== counted)
  }

  private takeDevice(device: Device): Vehicle {
    const known = this.vehicles.get(device.id)
    if (!known) {
      const vehicle = new Vehicle(device)
      this.vehicles.set(device.id, vehicle)
      this.settleSoon()
      return vehicle
    }
    const before = known.device
    known.update(device)
    if (before.name !== device.name || before.groupId !== device.groupId || before.disabled !== device.disabled)
      this.settleSoon()
    return known
  }

  private takeEvents(events: FleetEvent[]): void {
    const fresh = alarms.add(events.filter((event) => this.vehicles.has(event.deviceId)))
    if (fresh.length) for (const listener of this.eventListeners) listener(fresh)
  }

  private judge(vehicles: Iterable<Vehicle>, tell = false): void {
    const now = Date.now()
    const changed: Vehicle[] = []
    for (const vehicle of vehicles) if (vehicle.judge(now)) changed.push(vehicle)
    if (changed.length) this.settleSoon()
    if (changed.length && tell) this.tell(changed)
  }

  private settleSoon(): void {
    this.settleTimer ||= window.setTimeout(() => this.settle(), this.loaded ? SETTLE_MS : 0)
  }

  private settle(): void {
    clearTimeout(this.settleTimer)
    this.settleTimer = 0
    const counts = Object.fromEntries(STATES.map((s) => [s, 0])) as Counts
    for (const vehicle of this.vehicles.values()) counts[vehicle.state]++
    this.counts = counts
    this.total = this.vehicles.size
    this.version++
  }

  private tell(changed: Iterable<Vehicle>, all = false): void {
    for (const listener of this.listeners) listener(changed, all)
  }
}

export const fleet = new Fleet()

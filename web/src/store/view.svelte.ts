/* What is seen, kept in the address: the one place that reads and writes it. */
import { format, parse, type View } from '../model/url'

const CAMERA_DELAY_MS = 400

class ViewStore {
  current = $state.raw<View>(parse(location.pathname, location.search))

  vehicle = $derived(this.current.vehicle)
  tab = $derived(this.current.tab)
  panel = $derived(this.current.panel)
  item = $derived(this.current.item)
  text = $derived(this.current.text)
  states = $derived(this.current.states)
  group = $derived(this.current.group)
  table = $derived(this.current.table)
  sort = $derived(this.current.sort)
  camera = $derived(this.current.camera)
  follow = $derived(this.current.follow)
  trails = $derived(this.current.trails)
  labels = $derived(this.current.labels)
  range = $derived(this.current.range)
  at = $derived(this.current.at)
  frame = $derived(this.current.frame)
  kiosk = $derived(this.current.kiosk)

  /* Where a link, or a step back, wants the map to be; the map's own moves do not count. */
  wanted = $state.raw<View['camera']>(this.current.camera)

  private cameraTimer = 0

  constructor() {
    addEventListener('popstate', () => {
      this.current = parse(location.pathname, location.search)
      this.wanted = this.current.camera
    })
  }

  /* A step that "back" undoes. */
  go(change: Partial<View>): void {
    this.set(change, 'pushState')
  }

  /* A change that is not worth a step: typing, dragging, playing. */
  adjust(change: Partial<View>): void {
    this.set(change, 'replaceState')
  }

  /* Where the map has come to rest. */
  settle(camera: View['camera']): void {
    clearTimeout(this.cameraTimer)
    this.cameraTimer = window.setTimeout(() => this.adjust({ camera }), CAMERA_DELAY_MS)
  }

  select(vehicle: number | null, tab = this.current.tab): void {
    if (vehicle === this.current.vehicle && !this.current.panel && tab === this.current.tab) return
    this.go({
      vehicle, tab: vehicle === null ? 'now' : tab, panel: null, item: null, at: null, frame: null,
      follow: vehicle === this.current.vehicle && this.current.follow,
    })
  }

  open(panel: View['panel'], item: string | null = null): void {
    this.go({ panel, item, vehicle: null, tab: 'now', at: null, frame: null })
  }

  address(change: Partial<View>): string {
    return format({ ...this.current, ...change })
  }

  private set(change: Partial<View>, how: 'pushState' | 'replaceState'): void {
    const before = format(this.current)
    this.current = { ...this.current, ...change }
    const after = format(this.current)
    if (after !== before) history[how](null, '', after)
  }
}

export const view = new ViewStore()

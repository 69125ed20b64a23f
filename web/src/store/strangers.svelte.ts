/* Devices that speak to the server and that nobody has registered. */
import { api } from '../api/client'
import type { UnknownDevice } from '../api/types'
import { isPlaced } from '../model/geo'
import { fleet } from './fleet.svelte'
import { view } from './view.svelte'

/* What stands for a device in addresses: its id, or where it spoke from. */
export function keyOf(device: UnknownDevice): string {
  return device.id ?? device.address
}

class Strangers {
  list = $state.raw<UnknownDevice[]>([])
  loaded = $state(false)

  chosen = $derived(view.panel === 'unknown' ? (this.list.find((device) => keyOf(device) === view.item) ?? null) : null)
  /* On the map they have negative ids. */
  markers = $derived(this.list.flatMap((device, i) => {
    const place = { latitude: device.latitude ?? NaN, longitude: device.longitude ?? NaN }
    return isPlaced(place) ? [{ id: -1 - i, ...place }] : []
  }))
  chosenMarker = $derived(this.chosen ? -1 - this.list.indexOf(this.chosen) : null)

  async load(): Promise<void> {
    this.list = await api.unknown()
    this.loaded = true
    fleet.unknown = this.list.length
  }

  name(marker: number): string {
    return this.list[-1 - marker]?.id ?? 'Unknown'
  }

  choose(marker: number): void {
    const device = this.list[-1 - marker]
    if (device) view.open('unknown', keyOf(device))
  }
}

export const strangers = new Strangers()

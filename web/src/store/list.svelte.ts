/* What the list and the map show: the vehicles that pass the filters, in order. */
import { untrack } from 'svelte'
import { matcher, sorted } from '../model/filter'
import { fleet, type Vehicle } from './fleet.svelte'
import { view } from './view.svelte'

const LIVE_SORT_MS = 5000

class List {
  private tick = $state(0)
  hovered = $state<number | null>(null)

  items: Vehicle[] = $derived.by(() => {
    void fleet.version
    void this.tick
    const filter = { text: view.text, states: view.states, group: view.group }
    const groups = fleet.groups
    const sort = view.sort
    return untrack(() => sorted([...fleet.vehicles.values()].filter(matcher(filter, groups)), sort))
  })
  ids = $derived(new Set(this.items.map((vehicle) => vehicle.id)))
  filtered = $derived(view.text !== '' || view.states.length > 0 || view.group !== null)

  constructor() {
    /* Sorted by something that changes all the time: sort again, but not all the time. */
    setInterval(() => {
      if (view.sort !== 'name' && view.sort !== '-name') this.tick++
    }, LIVE_SORT_MS)
  }

  clear(): void {
    view.go({ text: '', states: [], group: null })
  }

  /* Selects the vehicle so many rows further down. */
  step(by: number): void {
    const index = this.items.findIndex((vehicle) => vehicle.id === view.vehicle)
    const next = this.items[index < 0 ? (by > 0 ? 0 : this.items.length - 1) : index + by]
    if (next) view.select(next.id)
  }
}

export const list = new List()

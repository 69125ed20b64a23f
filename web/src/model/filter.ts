/* Which vehicles the list and the map show, and in what order. */
import type { Attributes, Device, Group, Position } from '../api/types'
import { STATES, type State } from './state'

export interface Item {
  id: number
  name: string
  device: Device
  position: Position | null
  attributes: Attributes
  state: State
  haystack: string
  heardMs: number | null
}

export interface Filter {
  text: string
  states: readonly State[]
  group: number | null
}

/* A group with everything below it. */
export function groupTree(groups: readonly Group[], root: number): Set<number> {
  const tree = new Set([root])
  for (let before = 0; before !== tree.size; ) {
    before = tree.size
    for (const group of groups) if (tree.has(group.groupId)) tree.add(group.id)
  }
  return tree
}

/* All words of the text have to occur. */
export function matcher(filter: Filter, groups: readonly Group[]): (item: Item) => boolean {
  const words = filter.text.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  const states = filter.states.length ? new Set(filter.states) : null
  const tree = filter.group === null ? null : groupTree(groups, filter.group)
  return (item) =>
    (!states || states.has(item.state)) &&
    (!tree || tree.has(item.device.groupId)) &&
    words.every((word) => item.haystack.includes(word))
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

type Key = (item: Item) => number | string | null

const KEYS: Record<string, Key> = {
  name: (item) => item.name,
  state: (item) => STATES.indexOf(item.state),
  age: (item) => (item.heardMs ? -item.heardMs : null),
  speed: (item) => item.position?.speed ?? null,
  model: (item) => item.device.model || null,
  phone: (item) => item.device.phone || null,
  uniqueId: (item) => item.device.uniqueId,
}

/* The value of any other column: an attribute of the last position. */
function attribute(name: string): Key {
  return (item) => {
    const value = item.attributes[name]
    return typeof value === 'boolean' ? Number(value) : (value ?? null)
  }
}

/* By "column", or "-column" the other way round; absent values come last, equal ones
 * by name. */
export function sorted<T extends Item>(items: T[], sort: string): T[] {
  const down = sort.startsWith('-')
  const column = down ? sort.slice(1) : sort
  const key = Object.hasOwn(KEYS, column) ? KEYS[column]! : attribute(column)
  const keyed = items.map((item) => ({ item, key: key(item) }))
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) {
      if (a.key !== b.key) return a.key === null ? 1 : -1
    } else {
      const order = typeof a.key === 'number' && typeof b.key === 'number' ? a.key - b.key
        : collator.compare(String(a.key), String(b.key))
      if (order) return down ? -order : order
    }
    return collator.compare(a.item.name, b.item.name) || a.item.id - b.item.id
  })
  return keyed.map((entry) => entry.item)
}

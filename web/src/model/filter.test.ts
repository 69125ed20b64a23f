import { describe, expect, it } from 'vitest'
import type { Group } from '../api/types'
import { groupTree, matcher, sorted, type Item } from './filter'
import type { State } from './state'

function item(id: number, name: string, state: State, groupId = 0, speed: number | null = null): Item {
  return {
    id, name, state, haystack: name.toLocaleLowerCase() + '\n3598' + id, heardMs: id * 1000,
    device: { groupId, uniqueId: '3598' + id } as Item['device'],
    position: speed === null ? null : { speed } as unknown as Item['position'],
    attributes: speed === null ? {} : { power: 12 + id },
  }
}

const items = [
  item(1, 'Bus 10', 'moving', 1, 30), item(2, 'bus 9', 'stopped', 2, 0),
  item(3, 'شاحنة', 'silent', 3), item(4, 'Van', 'alarm', 0, 12),
]
const groups = [{ id: 1, groupId: 0 }, { id: 2, groupId: 1 }, { id: 3, groupId: 2 }] as Group[]
const names = (list: Item[]) => list.map((i) => i.name)
const all = { text: '', states: [], group: null }

describe('matcher', () => {
  it.each([
    ['nothing', {}, [1, 2, 3, 4]],
    ['words in any order, any case', { text: '10 BUS' }, [1]],
    ['the unique id', { text: '35983' }, [3]],
    ['other scripts', { text: 'شاح' }, [3]],
    ['states', { states: ['alarm', 'silent'] as State[] }, [3, 4]],
    ['a group with those below', { group: 2 }, [2, 3]],
    ['all together', { text: 'bus', states: ['moving'] as State[], group: 1 }, [1]],
  ])('by %s', (_name, change, want) => {
    expect(items.filter(matcher({ ...all, ...change }, groups)).map((i) => i.id)).toEqual(want)
  })
  it('ends where groups contain each other', () => {
    expect(groupTree([{ id: 1, groupId: 2 }, { id: 2, groupId: 1 }] as Group[], 1)).toEqual(new Set([1, 2]))
  })
})

describe('sorted', () => {
  it.each([
    ['name', ['bus 9', 'Bus 10', 'Van', 'شاحنة']],
    ['state', ['Van', 'Bus 10', 'bus 9', 'شاحنة']],
    ['-speed', ['Bus 10', 'Van', 'bus 9', 'شاحنة']],
    ['speed', ['bus 9', 'Van', 'Bus 10', 'شاحنة']],
    ['age', ['Van', 'شاحنة', 'bus 9', 'Bus 10']],
    ['-power', ['Van', 'bus 9', 'Bus 10', 'شاحنة']],
    ['constructor', ['bus 9', 'Bus 10', 'Van', 'شاحنة']],
  ])('by %s', (sort, want) => expect(names(sorted([...items], sort))).toEqual(want))
})

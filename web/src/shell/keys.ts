/* The keyboard: one table, which the help page shows too. */
import { LABELS, TABS, TRAILS } from '../model/url'
import { alarms } from '../store/alarms.svelte'
import { list } from '../store/list.svelte'
import { mapHandle } from '../store/map.svelte'
import { prefs } from '../store/prefs.svelte'
import { replay } from '../store/replay.svelte'
import { view } from '../store/view.svelte'

interface Outside {
  palette: () => void
  help: () => void
  busy: boolean
}

interface Key {
  keys: string
  does: string
  part: 'Everywhere' | 'Fleet' | 'Map' | 'Replay'
  when?: () => boolean
  run: (outside: Outside) => void
}

const after = <T>(values: readonly T[], now: T): T => values[(values.indexOf(now) + 1) % values.length]!
const inDay = () => replay.day !== null
const hasVehicle = () => view.vehicle !== null

function back(): void {
  if (replay.at !== null) replay.live()
  else if (view.follow) view.go({ follow: false })
  else if (view.panel) view.go({ panel: null, item: null })
  else if (view.vehicle !== null) view.select(null)
  else if (list.filtered) list.clear()
}

export const KEYS: readonly Key[] = [
  { keys: 'Ctrl K', does: 'Find a vehicle, an action, a setting', part: 'Everywhere', run: (o) => o.palette() },
  { keys: '/', does: 'Search vehicles', part: 'Everywhere', run: () => document.getElementById('search')?.focus() },
  { keys: '?', does: 'This help', part: 'Everywhere', run: (o) => o.help() },
  { keys: 'Esc', does: 'One step back', part: 'Everywhere', run: back },
  { keys: 'D', does: 'Light, dark, or as the system', part: 'Everywhere', run: () => prefs.nextTheme() },
  { keys: 'B', does: 'Show or hide the list', part: 'Everywhere', run: () => prefs.set({ listOpen: !prefs.all.listOpen }) },
  { keys: 'J', does: 'Next vehicle', part: 'Fleet', run: () => list.step(1) },
  { keys: 'K', does: 'Previous vehicle', part: 'Fleet', run: () => list.step(-1) },
  { keys: 'V', does: 'List or table', part: 'Fleet', run: () => view.go({ table: !view.table }) },
  { keys: 'A', does: 'Alarms', part: 'Fleet', run: () => view.open('alarms') },
  { keys: 'X', does: 'Dismiss the alarms of the selected vehicle', part: 'Fleet', when: hasVehicle, run: () => alarms.dismiss([view.vehicle!]) },
  { keys: 'U', does: 'Unknown devices', part: 'Fleet', run: () => view.open('unknown') },
  ...TABS.map((tab, i): Key => ({
    keys: String(i + 1), does: `Inspector: ${tab}`, part: 'Fleet', when: hasVehicle, run: () => view.select(view.vehicle, tab),
  })),
  { keys: 'F', does: 'Follow the selected vehicle', part: 'Map', when: hasVehicle, run: () => view.go({ follow: !view.follow }) },
  { keys: 'T', does: 'Trails: selected, all, none', part: 'Map', run: () => view.adjust({ trails: after(TRAILS, view.trails) }) },
  { keys: 'L', does: 'Names: some, all, none', part: 'Map', run: () => view.adjust({ labels: after(LABELS, view.labels) }) },
  { keys: '+', does: 'Closer', part: 'Map', run: () => mapHandle.engine?.zoom(1) },
  { keys: '-', does: 'Further away', part: 'Map', run: () => mapHandle.engine?.zoom(-1) },
  { keys: '0', does: 'Show all vehicles', part: 'Map', run: () => mapHandle.engine?.fitMarkers() },
  { keys: 'Space', does: 'Play or pause', part: 'Replay', when: inDay, run: () => replay.toggle() },
  { keys: '←', does: 'Previous position', part: 'Replay', when: inDay, run: () => replay.stepPoint(-1) },
  { keys: '→', does: 'Next position', part: 'Replay', when: inDay, run: () => replay.stepPoint(1) },
  { keys: 'Shift ←', does: 'Previous stop', part: 'Replay', when: inDay, run: () => replay.stepStop(-1) },
  { keys: 'Shift →', does: 'Next stop', part: 'Replay', when: inDay, run: () => replay.stepStop(1) },
  { keys: '[', does: 'Slower', part: 'Replay', when: inDay, run: () => replay.faster(-1) },
  { keys: ']', does: 'Faster', part: 'Replay', when: inDay, run: () => replay.faster(1) },
  { keys: 'Home', does: 'Start of the day', part: 'Replay', when: inDay, run: () => replay.toPoint(0) },
  { keys: 'End', does: 'End of the day', part: 'Replay', when: inDay, run: () => replay.toPoint(replay.day!.points.length - 1) },
]

const NAMES: Record<string, string> = { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', '=': '+' }

function nameOf(event: KeyboardEvent): string {
  const key = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key)
  const shift = event.shiftKey && key.length > 0 && (key === '←' || key === '→') ? 'Shift ' : ''
  return (event.ctrlKey || event.metaKey ? 'Ctrl ' : '') + shift + key
}

/* Keys belong to what is being typed into, and to what moves by them itself. */
function taken(event: KeyboardEvent, name: string): boolean {
  const target = event.target as HTMLElement
  if (name === 'Ctrl K') return false
  if (target.closest('input, select, textarea, [contenteditable]')) return true
  if (name === 'Space') return !!target.closest('button, a, summary')
  if (/←|→|Home|End/.test(name)) return !!target.closest('[role=slider], [role=separator], [role=tab], .hex')
  return false
}

export function handleKey(event: KeyboardEvent, outside: Outside): void {
  const name = nameOf(event)
  if (event.altKey || event.defaultPrevented || outside.busy || taken(event, name)) return
  const key = KEYS.find((one) => one.keys === name && (one.when?.() ?? true))
  if (!key) return
  event.preventDefault()
  key.run(outside)
}

/* What this browser remembers: appearance and layout.  Nothing here is part of a link. */

export type Theme = 'system' | 'light' | 'dark'

interface Stored {
  theme: Theme
  density: 'compact' | 'comfortable'
  listWidth: number
  listOpen: boolean
  sound: boolean
  columns: string[]
}

const KEY = 'milepost'
const DEFAULTS: Stored = {
  theme: 'system', density: 'comfortable', listWidth: 340, listOpen: true, sound: true,
  columns: ['speed', 'age', 'ignition', 'power', 'group', 'model'],
}

function load(): Stored {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Stored>
    return { ...DEFAULTS, ...stored }
  } catch {
    return { ...DEFAULTS }
  }
}

class Prefs {
  private stored = $state(load())
  private systemDark = $state(matchMedia('(prefers-color-scheme: dark)').matches)
  phone = $state(false)
  still = $state(false)

  dark = $derived(this.stored.theme === 'dark' || (this.stored.theme === 'system' && this.systemDark))

  constructor() {
    const watch = (query: string, set: (matches: boolean) => void) => {
      const media = matchMedia(query)
      set(media.matches)
      media.addEventListener('change', () => set(media.matches))
    }
    watch('(prefers-color-scheme: dark)', (matches) => (this.systemDark = matches))
    watch('(max-width: 760px)', (matches) => (this.phone = matches))
    watch('(prefers-reduced-motion: reduce)', (matches) => (this.still = matches))
  }

  get all(): Readonly<Stored> {
    return this.stored
  }

  set(change: Partial<Stored>): void {
    Object.assign(this.stored, change)
    try {
      localStorage.setItem(KEY, JSON.stringify(this.stored))
    } catch {
      /* A browser that stores nothing still works; it only forgets. */
    }
  }

  nextTheme(): void {
    const order: Theme[] = ['system', 'light', 'dark']
    this.set({ theme: order[(order.indexOf(this.stored.theme) + 1) % 3]! })
  }
}

export const prefs = new Prefs()

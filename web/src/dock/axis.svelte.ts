/* The span that band and graph share: the range, less what has not happened yet. */
import { clock } from '../store/clock.svelte'
import { replay } from '../store/replay.svelte'

/* Room beside the drawing, the same for band and graph so that they stand in line. */
export const GUTTER = { left: 52, right: 20 }

const MINUTE = 60_000

class Axis {
  private now = $derived(Math.ceil(clock.now / MINUTE) * MINUTE)
  from = $derived(replay.range?.from ?? 0)
  to = $derived(replay.range ? Math.max(Math.min(replay.range.to, this.now), replay.day?.ms.at(-1) ?? 0) : 1)
  /* What ticks are counted from: a whole hour. */
  origin = $derived(Math.floor(this.from / (60 * MINUTE)) * 60 * MINUTE === this.from || this.to - this.from > 23 * 60 * MINUTE
    ? this.from : Math.floor(this.from / (60 * MINUTE)) * 60 * MINUTE)
}

export const axis = new Axis()

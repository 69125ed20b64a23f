/* The span that band and graph share: the range, less what has not happened yet. */
import { clock } from '../store/clock.svelte'
import { dayOfTime, dayStart } from '../model/time'
import { replay } from '../store/replay.svelte'
import { session } from '../store/session.svelte'

/* Room beside the drawing, the same for band and graph so that they stand in line. */
export const GUTTER = { left: 52, right: 20 }

const MINUTE = 60_000

/* Data in a small part of the span: the axis shows that part. */
const SPARSE = 1 / 4
const EDGE_MS = 2 * MINUTE

class Axis {
  private now = $derived(Math.ceil(clock.now / MINUTE) * MINUTE)
  private first = $derived(replay.day?.ms[0] ?? 0)
  private last = $derived(replay.day?.ms.at(-1) ?? 0)
  private end = $derived(replay.range ? Math.max(Math.min(replay.range.to, this.now), this.last) : 1)
  private start = $derived(replay.range?.from ?? 0)
  private sparse = $derived(this.first > 0 && this.last - this.first < (this.end - this.start) * SPARSE)
  from = $derived(this.sparse ? Math.max(this.start, this.first - EDGE_MS) : this.start)
  to = $derived(this.sparse ? Math.min(this.end, this.last + EDGE_MS) : this.end)
  /* What ticks are counted from: the user's midnight. */
  origin = $derived(dayStart(dayOfTime(this.from, session.zone), session.zone))
}

export const axis = new Axis()

/* The map for those who steer it from outside: keys, palette, panels. */
import type { MapEngine } from '../map/engine'

class MapHandle {
  engine = $state.raw<MapEngine | null>(null)
  offline = $state(false) /* the online tiles cannot be reached */
}

export const mapHandle = new MapHandle()

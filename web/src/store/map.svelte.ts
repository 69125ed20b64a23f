/* The map for those who steer it from outside: keys, palette, panels. */
import type { MapEngine } from '../map/engine'

class MapHandle {
  engine = $state.raw<MapEngine | null>(null)
  covered = $state(0) /* pixels of the map's foot under the sheet of a phone */
  offline = $state(false) /* the online tiles cannot be reached */
}

export const mapHandle = new MapHandle()

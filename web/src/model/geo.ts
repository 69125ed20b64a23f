/* Places: distances on the sphere and the square Mercator world, 0 to 1 both ways. */

export interface Place {
  latitude: number
  longitude: number
}

const EARTH_M = 6_371_008.8
const rad = Math.PI / 180

export function distanceM(a: Place, b: Place): number {
  const dLat = (b.latitude - a.latitude) * rad
  const dLon = (b.longitude - a.longitude) * rad
  const h = Math.sin(dLat / 2) ** 2 +
    Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

const LATITUDE_MAX = 85.051129

export function mercatorX(longitude: number): number {
  return (longitude + 180) / 360
}

export function mercatorY(latitude: number): number {
  const bound = Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, latitude))
  return (180 - Math.log(Math.tan(Math.PI / 4 + (bound * rad) / 2)) / rad) / 360
}

export function longitudeOf(x: number): number {
  return x * 360 - 180
}

export function latitudeOf(y: number): number {
  return (2 * Math.atan(Math.exp((180 - y * 360) * rad)) - Math.PI / 2) / rad
}

/* A place that a map can show; 0/0 is what trackers say when they have none. */
export function isPlaced(place: Place | null | undefined): place is Place {
  return !!place && Number.isFinite(place.latitude) && Number.isFinite(place.longitude) &&
    Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180 &&
    !(place.latitude === 0 && place.longitude === 0)
}

const WINDS = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'] as const

export function wind(course: number): string {
  return WINDS[Math.round((((course % 360) + 360) % 360) / 45) % 8]!
}

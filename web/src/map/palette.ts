/* The colours of the map; those of states are the same as in app.css. */
import type { State } from '../model/state'

export interface Palette {
  states: Record<State, string>
  surface: string
  ink: string
  accent: string
  sea: string
  land: string
  coast: string
  border: string
  place: string
  halo: string
  casing: string
  ramp: readonly string[]
}

export const LIGHT: Palette = {
  states: { moving: '#00785a', idling: '#b26a00', stopped: '#44617b', silent: '#6b7280', alarm: '#c2410c', unknown: '#7c4d9e' },
  surface: '#ffffff', ink: '#1a2027', accent: '#1d5fd1',
  sea: '#e3e9ed', land: '#f7f7f4', coast: '#c8d0d6', border: '#d3d6d8', place: '#7b858e', halo: '#f7f7f4',
  casing: '#ffffff',
  ramp: ['#5b3c88', '#3f5a93', '#2b7590', '#1f8f86', '#3aa96c', '#86b93a'],
}

export const DARK: Palette = {
  states: { moving: '#2fc79a', idling: '#f0a830', stopped: '#8fb0cc', silent: '#9aa3b2', alarm: '#ff7a45', unknown: '#c9a0ec' },
  surface: '#171b20', ink: '#e6e9ec', accent: '#7aa8ff',
  sea: '#0f1317', land: '#191e24', coast: '#2c343c', border: '#2b3239', place: '#77818c', halo: '#191e24',
  casing: '#0c0f12',
  ramp: ['#8a6bc0', '#6a86c4', '#4ba1bd', '#45bba9', '#6ad086', '#b5dd55'],
}

export function paletteOf(dark: boolean): Palette {
  return dark ? DARK : LIGHT
}

export function rgb(hex: string): [number, number, number] {
  const value = parseInt(hex.slice(1), 16)
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255]
}

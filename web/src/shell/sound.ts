/* Two short tones for a new alarm, three times for an emergency. */
import type { FleetEvent } from '../api/types'
import { isUrgent } from '../store/alarms.svelte'
import { prefs } from '../store/prefs.svelte'

let audio: AudioContext | null = null

export function bell(events: FleetEvent[]): void {
  if (!prefs.all.sound) return
  audio ??= new AudioContext()
  if (audio.state === 'suspended') void audio.resume().catch(() => {})
  const times = events.some(isUrgent) ? 3 : 1
  for (let i = 0; i < times; i++) {
    tone(audio, 880, audio.currentTime + i * 0.5)
    tone(audio, 660, audio.currentTime + i * 0.5 + 0.16)
  }
}

function tone(context: AudioContext, pitch: number, at: number): void {
  const source = context.createOscillator()
  const volume = context.createGain()
  source.frequency.value = pitch
  volume.gain.setValueAtTime(0.0001, at)
  volume.gain.exponentialRampToValueAtTime(0.16, at + 0.01)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.15)
  source.connect(volume).connect(context.destination)
  source.start(at)
  source.stop(at + 0.16)
}

/*
 * The live connection.  It reconnects by itself: at once when the page becomes visible
 * or the network returns, otherwise after 1, 2, 4 ... 30 s.  Messages are gathered and
 * handed over at most ten times a second.
 */
import type { LiveMessage } from './types'

export interface SocketHandlers {
  open(): void
  messages(batch: LiveMessage[]): void
  /* `retryAt` is when the next attempt is due, in epoch ms. */
  lost(retryAt: number): void
}

const BATCH_MS = 100
const WAIT_MAX_MS = 30_000
const SILENCE_MAX_MS = 75_000 /* the server says {} every 55 s */
const CLOSED_BY_US = 4000

export class Socket {
  private socket: WebSocket | null = null
  private batch: LiveMessage[] = []
  private flushTimer = 0
  private retryTimer = 0
  private watchTimer = 0
  private heardAt = 0
  private failures = 0
  private stopped = false

  constructor(private readonly handlers: SocketHandlers) {
    this.connect()
    addEventListener('online', this.hurry)
    document.addEventListener('visibilitychange', this.hurry)
    this.watchTimer = window.setInterval(() => this.watch(), 5000)
  }

  close(): void {
    this.stopped = true
    removeEventListener('online', this.hurry)
    document.removeEventListener('visibilitychange', this.hurry)
    clearInterval(this.watchTimer)
    clearTimeout(this.retryTimer)
    clearTimeout(this.flushTimer)
    this.socket?.close(CLOSED_BY_US)
  }

  retry(): void {
    clearTimeout(this.retryTimer)
    this.connect()
  }

  private hurry = (): void => {
    if (!this.stopped && !this.socket && document.visibilityState === 'visible') this.retry()
  }

  /* A connection that died without a word is noticed by its silence. */
  private watch(): void {
    if (this.socket?.readyState === WebSocket.OPEN && Date.now() - this.heardAt > SILENCE_MAX_MS) this.socket.close()
  }

  private connect(): void {
    if (this.socket || this.stopped) return
    const url = new URL('/api/socket', location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url)
    this.socket = socket
    socket.onopen = () => {
      this.failures = 0
      this.heardAt = Date.now()
      this.handlers.open()
    }
    socket.onmessage = (message: MessageEvent<string>) => this.take(message.data)
    socket.onclose = () => this.lose(socket)
  }

  private take(text: string): void {
    this.heardAt = Date.now()
    try {
      this.batch.push(JSON.parse(text) as LiveMessage)
    } catch {
      return
    }
    this.flushTimer ||= window.setTimeout(() => this.flush(), BATCH_MS)
  }

  private flush(): void {
    this.flushTimer = 0
    const batch = this.batch
    this.batch = []
    if (batch.length) this.handlers.messages(batch)
  }

  private lose(socket: WebSocket): void {
    if (this.socket !== socket) return
    this.socket = null
    if (this.stopped) return
    const wait = Math.min(WAIT_MAX_MS, 1000 * 2 ** Math.min(this.failures++, 5))
    this.retryTimer = window.setTimeout(() => this.connect(), wait)
    this.handlers.lost(Date.now() + wait)
  }
}

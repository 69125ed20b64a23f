/* Who is here, and on which server. */
import { api, reason, Refusal, whenSignedOut } from '../api/client'
import type { Server, User } from '../api/types'
import { unitsOf, type Units } from '../model/units'

export type Phase = 'starting' | 'unreachable' | 'register' | 'login' | 'ready'

const RETRY_MS = 3000

class Session {
  phase = $state<Phase>('starting')
  server = $state.raw<Server | null>(null)
  user = $state.raw<User | null>(null)
  problem = $state('')

  units = $derived<Units>(unitsOf(this.user, this.server))
  zone = $derived(this.units.timezone)
  administrator = $derived(this.user?.administrator ?? false)
  private restricted = $derived(!this.administrator && (this.server?.readonly || this.user?.readonly || false))
  mayEdit = $derived(!this.restricted &&
    (this.administrator || !(this.user?.deviceReadonly || this.server?.deviceReadonly)))
  mayAdd = $derived(this.mayEdit && (this.administrator || this.user?.deviceLimit !== 0))
  mayManage = $derived(this.administrator || (!this.restricted && (this.user?.userLimit ?? 0) !== 0))

  trackerPort = $derived(Number(this.server?.attributes.trackerPort) || 8888)
  trackerHost = $derived(String(this.server?.attributes.trackerHost || location.hostname))

  constructor() {
    whenSignedOut(() => this.end())
  }

  async start(): Promise<void> {
    try {
      const params = new URLSearchParams(location.search)
      const token = params.get('token') ?? undefined
      const [server, user] = await Promise.all([api.server(), this.known(token)])
      if (token) { /* It opens the door once; a copied address must not carry it. */
        params.delete('token')
        history.replaceState(null, '', `${location.pathname}${params.toString() ? `?${params}` : ''}`)
      }
      this.server = server
      if (user) this.begin(user)
      else this.phase = server.newServer ? 'register' : 'login'
    } catch (thrown) {
      this.problem = reason(thrown)
      this.phase = 'unreachable'
      setTimeout(() => void this.start(), RETRY_MS)
    }
  }

  async login(email: string, password: string): Promise<void> {
    this.begin(await api.login(email, password))
  }

  /* The first user of a new server becomes its administrator. */
  async register(name: string, email: string, password: string): Promise<void> {
    await api.addUser({ name, email, password })
    await this.login(email, password)
  }

  async logout(): Promise<void> {
    await api.logout().catch(() => {})
    this.end()
  }

  async saveUser(change: Partial<User>): Promise<void> {
    const saved = await api.saveUser({ ...this.user!, ...change })
    if (saved.id === this.user?.id) this.user = saved
  }

  async saveServer(change: Partial<Server>): Promise<void> {
    this.server = await api.saveServer({ ...this.server!, ...change })
  }

  private async known(token?: string): Promise<User | null> {
    try {
      return await api.session(token)
    } catch (thrown) {
      if (thrown instanceof Refusal && (thrown.status === 404 || thrown.status === 401)) return null
      throw thrown
    }
  }

  private begin(user: User): void {
    this.user = user
    this.phase = 'ready'
    /* Some fields of the server are told to administrators only. */
    void api.server().then((server) => (this.server = server)).catch(() => {})
  }

  private end(): void {
    this.user = null
    if (this.phase === 'ready') this.phase = 'login'
  }
}

export const session = new Session()

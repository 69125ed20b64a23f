/*
 * Calls to the server.  A call gives the parsed answer or throws a Refusal whose text is
 * the server's own first line, fit to be shown.
 */
import type * as T from './types'

export class Refusal extends Error {
  constructor(readonly status: number, message: string, readonly details = '') {
    super(message)
  }
}

/* Called once for each answer that says the session has ended. */
let onSignedOut = () => {}
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler
}

type Query = Record<string, string | number | boolean | string[] | null | undefined>

export function queryText(query: Query): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one))
  }
  const text = params.toString()
  return text ? `?${text}` : ''
}

interface Options {
  method?: string
  json?: unknown
  form?: Record<string, string>
  signal?: AbortSignal
  quiet?: boolean
}

async function refuse(answer: Response, quiet: boolean): Promise<never> {
  const text = (await answer.text().catch(() => '')).trim()
  if (answer.status === 401 && !quiet) onSignedOut()
  const [first = '', ...rest] = text.startsWith('<') ? [] : text.split('\n')
  throw new Refusal(answer.status, first || `The server answered ${answer.status}.`, rest.join('\n'))
}

async function send(path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  let body: BodyInit | undefined
  if (options.json !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.json)
  } else if (options.form) {
    body = new URLSearchParams(options.form)
  }
  let answer: Response
  try {
    answer = await fetch(`/api${path}`, { method: options.method ?? 'GET', headers, body, signal: options.signal })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Refusal(0, 'The server cannot be reached.')
  }
  return answer.ok ? answer : refuse(answer, options.quiet ?? false)
}

async function json<R>(path: string, options?: Options): Promise<R> {
  return (await send(path, options)).json() as Promise<R>
}

const post = <R>(path: string, body: unknown) => json<R>(path, { method: 'POST', json: body })
const put = <R>(path: string, body: unknown) => json<R>(path, { method: 'PUT', json: body })
const remove = async (path: string, body?: unknown): Promise<void> =>
  void (await send(path, { method: 'DELETE', json: body }))

export const api = {
  server: () => json<T.Server>('/server'),
  saveServer: (server: T.Server) => put<T.Server>('/server', server),
  timezones: () => json<string[]>('/server/timezones'),

  session: (token?: string) => json<T.User>(`/session${queryText({ token })}`, { quiet: true }),
  login: (email: string, password: string) =>
    json<T.User>('/session', { method: 'POST', form: { email, password }, quiet: true }),
  logout: () => remove('/session'),
  makeToken: async (expiration: Date) =>
    (await send('/session/token', { method: 'POST', form: { expiration: expiration.toISOString() } })).text(),
  revokeToken: async (token: string): Promise<void> =>
    void (await send('/session/token/revoke', { method: 'POST', form: { token } })),

  users: () => json<T.User[]>('/users?all=true'),
  addUser: (user: Partial<T.User>) => post<T.User>('/users', user),
  saveUser: (user: T.User) => put<T.User>(`/users/${user.id}`, user),
  deleteUser: (id: number) => remove(`/users/${id}`),

  groups: (all = false) => json<T.Group[]>(`/groups${queryText({ all: all || null })}`),
  groupsOf: (userId: number) => json<T.Group[]>(`/groups${queryText({ userId })}`),
  addGroup: (group: Partial<T.Group>) => post<T.Group>('/groups', group),
  saveGroup: (group: T.Group) => put<T.Group>(`/groups/${group.id}`, group),
  deleteGroup: (id: number) => remove(`/groups/${id}`),

  devices: (query: Query = {}) => json<T.Device[]>(`/devices${queryText(query)}`),
  addDevice: (device: T.DeviceDraft) => post<T.Device>('/devices', device),
  saveDevice: (device: T.Device) => put<T.Device>(`/devices/${device.id}`, device),
  deleteDevice: (id: number) => remove(`/devices/${id}`),
  health: (id: number, signal?: AbortSignal) => json<T.Health>(`/devices/${id}/health`, { signal }),

  link: (pair: Record<string, number>) => send('/permissions', { method: 'POST', json: pair }),
  unlink: (pair: Record<string, number>) => remove('/permissions', pair),

  positions: () => json<T.Position[]>('/positions'),
  history: (deviceId: number, from: Date, to: Date, signal?: AbortSignal) =>
    json<T.Position[]>(
      `/positions${queryText({ deviceId, from: from.toISOString(), to: to.toISOString() })}`, { signal }),
  exportUrl: (kind: 'csv' | 'gpx' | 'kml', deviceId: number, from: Date, to: Date) =>
    `/api/positions/${kind}${queryText({ deviceId, from: from.toISOString(), to: to.toISOString() })}`,
  events: (from: Date, to: Date, query: Query = {}, signal?: AbortSignal) =>
    json<T.FleetEvent[]>(
      `/reports/events${queryText({ from: from.toISOString(), to: to.toISOString(), ...query })}`, { signal }),

  unknown: () => json<T.UnknownDevice[]>('/unknown'),
  adopt: (id: string, device: Partial<T.Device>) => post<T.Device>(`/unknown/${encodeURIComponent(id)}/adopt`, device),
  forget: (id: string) => remove(`/unknown/${encodeURIComponent(id)}`),

  frames: (query: Query, signal?: AbortSignal) => json<T.Frame[]>(`/frames${queryText(query)}`, { signal }),
  frame: (id: number, signal?: AbortSignal) => json<T.ExplainedFrame>(`/frames/${id}`, { signal }),
  explain: (hex: string, protocol?: string | null) =>
    post<T.Explained>('/explain', { hex, protocol: protocol ?? undefined }),

  overview: () => json<T.Overview>('/overview'),
  demo: () => json<T.Demo>('/demo'),
  startDemo: (devices: number) => post<T.Demo>('/demo', { devices }),
  stopDemo: () => remove('/demo'),
}

/* Has the session ended?  Asked when the socket is refused, which tells no reason. */
export async function probeSession(): Promise<void> {
  try {
    await api.session()
  } catch (thrown) {
    if (thrown instanceof Refusal && (thrown.status === 401 || thrown.status === 404)) onSignedOut()
  }
}

/* What to tell a person about anything that was thrown. */
export function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

export function aborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError'
}

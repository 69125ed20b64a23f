/*
 * What a browser test stands on: a server of its own, trackers, a browser and pages.
 * Everything is on loopback, and gone when close() has returned.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const require = createRequire(join(root, 'web/package.json'))
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const EMAIL = 'admin'
export const PASSWORD = 'browser-test'
const SCREENSHOTS = join(root, 'build/screenshots')
const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/* A busy machine that draws by software is slow; a test that fails may take its time. */
const PATIENCE_MS = 45_000

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/* Waits until `probe` gives something true; tells what it waited for otherwise. */
export async function until(what, probe, ms = PATIENCE_MS) {
  const end = Date.now() + ms
  for (;;) {
    const found = await probe()
    if (found) return found
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`)
    await sleep(100)
  }
}

/* A port that nobody has now, for TCP and UDP alike. */
function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve() : new Promise((done) => child.once('exit', done))
}

async function end(child) {
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended(child)
  clearTimeout(hard)
}

export class Bench {
  static async open() {
    const bench = new Bench()
    bench.folder = mkdtempSync(join(tmpdir(), 'milepost-browser-'))
    bench.port = await freePort()
    bench.http = await freePort()
    bench.origin = `http://127.0.0.1:${bench.http}`
    bench.children = new Set()
    bench.strays = []
    await bench.startServer()
    bench.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: CHROMIUM_FLAGS })
    mkdirSync(SCREENSHOTS, { recursive: true })
    return bench
  }

  async close() {
    await this.browser?.close()
    for (const child of this.children) await end(child)
    rmSync(this.folder, { recursive: true, force: true })
  }

  run(args, env = {}) {
    const child = spawn(process.env.MILEPOST ?? join(root, 'build/milepost'), args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    child.output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (child.output += data))
    this.children.add(child)
    child.once('exit', () => this.children.delete(child))
    return child
  }

  async startServer() {
    const web = process.env.WEB_DIR ? ['--web-dir', join(root, process.env.WEB_DIR)] : []
    this.server = this.run(['serve', '--data', join(this.folder, 'data'), '--host', '127.0.0.1', '--port', `${this.port}`,
      '--http-host', '127.0.0.1', '--http', `${this.http}`, ...web],
    { MILEPOST_ADMIN_EMAIL: EMAIL, MILEPOST_ADMIN_PASSWORD: PASSWORD })
    await until('the server', async () => {
      if (this.server.exitCode !== null) throw new Error(`the server ended: ${this.server.output}`)
      return fetch(`${this.origin}/api/health`).then((answer) => answer.ok).catch(() => false)
    })
  }

  stopServer() {
    return end(this.server)
  }

  /* Trackers that drive until they are stopped. */
  async simulate(...args) {
    const child = this.run(['simulate', '--to', `127.0.0.1:${this.port}`, '--quiet', ...args])
    await sleep(500)
    if (child.exitCode !== null) throw new Error(`simulate: ${child.output}`)
    return child
  }

  stop(child) {
    return end(child)
  }

  script(name, text) {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  /* A call of the API as the administrator. */
  async api(method, path, body) {
    const answer = await fetch(`${this.origin}/api${path}`, {
      method,
      headers: {
        Authorization: `Basic ${Buffer.from(`${EMAIL}:${PASSWORD}`).toString('base64')}`,
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      body: body ? JSON.stringify(body) : undefined,
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text && answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
  }

  /* A page of its own; what it asks of other hosts, and what it complains about, is noted. */
  async page({ phone = false, dark = false, signedIn = true } = {}) {
    const context = await this.browser.newContext({
      viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
      hasTouch: phone, colorScheme: dark ? 'dark' : 'light', timezoneId: 'UTC', locale: 'en-GB',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.complaints = []
    page.on('pageerror', (error) => page.complaints.push(error.stack ?? error.message))
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(this.origin) && !/^(data|blob):/.test(url) && !url.startsWith(this.origin.replace('http', 'ws')))
        this.strays.push(url)
    })
    if (signedIn) {
      const answer = await context.request.post(`${this.origin}/api/session`, { form: { email: EMAIL, password: PASSWORD }, headers: { Origin: this.origin } })
      if (!answer.ok()) throw new Error(`sign in: ${answer.status()}`)
    }
    return page
  }

  open(page, path) {
    return page.goto(this.origin + path)
  }
}

/* Goes to an address within the page that is open, as "back" would. */
export async function move(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)
}

export async function shot(page, name) {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
}

/* What axe finds wrong with the page as it is, one line each. */
export async function wrongs(page) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

/*
 * The app as people use it.  The tests build on each other, in the order in which they
 * stand: an empty server, a first fleet, a day, an alarm, a lost connection.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Bench, EMAIL, move, PASSWORD, shot, until, wrongs } from './bench.mjs'

const STRANGER = '35988014008888' /* 14 digits; the simulator adds the last */

let bench, page, stranger, adopted

before(async () => {
  bench = await Bench.open()
  /* Nothing may be asked of the outside, not even a map. */
  await bench.api('PUT', '/server', { ...(await bench.api('GET', '/server')), mapUrl: 'none' })
  page = await bench.page({ signedIn: false })
})
after(() => bench?.close())

const row = (name) => page.locator('[role=option]', { hasText: name })
const tab = (name) => page.getByRole('tab', { name, exact: true })
const text = (selector) => page.locator(selector).first().innerText()

test('a wrong password is refused in words, the right one lets in', async () => {
  await bench.open(page, '/')
  await page.getByLabel('E-mail or login').fill(EMAIL)
  await page.getByLabel('Password').fill('not this')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').filter({ hasText: 'do not fit together' }).waitFor()
  await shot(page, 'sign-in')
  assert.deepEqual(await wrongs(page), [])
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'No vehicles yet' }).waitFor()
})

test('an empty server teaches: the address, the texts, the demonstration', async () => {
  await page.getByText(`127.0.0.1:${bench.port}`).first().waitFor()
  await page.getByRole('button', { name: 'SMS texts' }).click()
  await page.getByText(`SERVER,0,127.0.0.1,${bench.port},0#`).waitFor()
  await page.getByRole('button', { name: 'UDP' }).click()
  await page.getByText(`SERVER,0,127.0.0.1,${bench.port},1#`).waitFor()
  await shot(page, 'first-run')
  assert.deepEqual(await wrongs(page), [])
  await page.getByRole('button', { name: 'Start the demonstration fleet' }).click()
  await until('six vehicles', async () => (await page.locator('[role=option]').count()) === 6)
})

test('a vehicle is seen moving', async () => {
  await until('a moving vehicle', () => page.locator('[role=option].moving').count(), 60_000)
  const name = await text('[role=option].moving .name')
  await row(name).first().click()
  await page.waitForURL(/\/vehicle\/\d+/)
  const place = () => text('.place .mono')
  const before = await place()
  await until('another place', async () => (await place()) !== before, 45_000)
  assert.match(await text('.figure'), /^\d+$/)
})

test('chips count and filter, and the address says so', async () => {
  await bench.open(page, '/')
  await page.locator('[role=option]').first().waitFor()
  const chip = page.getByRole('button', { name: /^Moving/ })
  await until('a count', async () => Number((await chip.innerText()).match(/\d+/)?.[0]) > 0, 60_000)
  await chip.click()
  await page.waitForURL(/state=moving/)
  const kinds = await page.locator('[role=option]').evaluateAll((rows) => rows.every((r) => r.classList.contains('moving')))
  assert.equal(kinds, true)
  await page.goBack()
  await until('all again', async () => (await page.locator('[role=option]').count()) === 6)
})

test('an unknown device stands in the inbox, and is adopted with its past', async () => {
  stranger = await bench.simulate('--devices', '1', '--imei-base', STRANGER, '--history', '2', '--protocol', 'gt06',
    '--transport', 'tcp', '--events', 'none', '--interval', '5')
  await until('the badge', async () => /: 1$/.test((await page.getByRole('button', { name: /^Unknown devices/ }).getAttribute('aria-label')) ?? ''))
  await page.getByRole('button', { name: /^Unknown devices/ }).click()
  const found = page.locator('.list .item').filter({ hasText: STRANGER })
  await found.waitFor()
  await until('its day to be told', async () => (await bench.api('GET', '/unknown'))[0].frames > 250, 60_000)
  await found.click()
  await page.getByRole('button', { name: 'Adopt …' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Zebra 7')
  assert.deepEqual(await wrongs(page), [])
  await page.getByRole('button', { name: 'Adopt', exact: true }).click()
  await page.waitForURL(/\/vehicle\/\d+/)
  adopted = Number(page.url().match(/vehicle\/(\d+)/)[1])
  await row('Zebra 7').waitFor()
})

test('its day is told leg by leg, and replayed on true time', async () => {
  await tab('Day').click()
  await page.locator('.leg').first().waitFor()
  const driven = page.locator('.sums b').first()
  await until('a distance', async () => /^[1-9][\d.,]* (km|m)$/.test(await driven.innerText()))
  await page.getByRole('slider', { name: 'Time of replay' }).waitFor()
  await page.locator('.graph canvas').waitFor()
  await page.keyboard.press('Home')
  await page.waitForURL(/at=/)
  const at = async () => Date.parse(new URL(page.url()).searchParams.get('at'))
  const start = await at()
  await page.keyboard.press(']')
  assert.equal(await page.getByLabel('Speed of replay').inputValue(), '32')
  const began = Date.now()
  await page.keyboard.press('Space')
  await new Promise((done) => setTimeout(done, 2500))
  await page.keyboard.press('Space')
  await until('the moment in the address', async () => (await at()) > start)
  const rate = ((await at()) - start) / (Date.now() - began)
  assert.ok(rate > 16 && rate < 40, `true time at 32x, measured ${rate.toFixed(1)}x`)
  await page.keyboard.press('ArrowRight')
  const there = page.url()
  await bench.open(page, new URL(there).pathname + new URL(there).search)
  await page.locator('.at b').waitFor()
  assert.equal(page.url(), there, 'the link opens what its sender saw')
  await page.getByRole('button', { name: 'Live', exact: true }).click()
  await page.waitForURL((url) => !url.searchParams.has('at'))
})

test('a frame explains itself, byte by byte, both ways', async () => {
  await tab('Raw').click()
  const frame = page.locator('button.frame', { hasText: 'location' }).first()
  await frame.click()
  const field = page.locator('tr[data-field]', { hasText: 'latitude' }).first()
  await field.hover()
  const lit = await page.locator('.byte.lit').count()
  assert.ok(lit >= 4, `${lit} bytes light up`)
  const byte = page.locator('.byte.lit').first()
  const number = await byte.getAttribute('data-byte')
  await page.locator('.byte').first().hover()
  await page.locator(`.byte[data-byte="${number}"]`).hover()
  assert.match(await text('tr[data-field].lit'), /latitude/)
  await page.locator('li .pin').first().click()
  await page.waitForURL(/frame=\d+/)
  await page.getByRole('region', { name: 'Pinned frame' }).waitFor()
})

test('the texts for setting up carry this server', async () => {
  await tab('Setup').click()
  await page.getByLabel('Host', { exact: true }).fill('fleet.example.com')
  await page.getByLabel('Access point (APN)').fill('m2m')
  await page.getByText(`SERVER,1,fleet.example.com,${bench.port},0#`).waitFor()
  await page.getByText('APN,m2m#', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Copy: GMT,E,0#' }).click()
  await page.getByText('Copied').first().waitFor({ state: 'attached' })
})

test('a vehicle is renamed, and every part of the page knows', async () => {
  await tab('Settings').click()
  await page.getByLabel('Name', { exact: true }).fill('شاحنة التوزيع رقم ١٢')
  await page.locator('label', { hasText: /^Door/ }).locator('select').selectOption('2')
  await page.getByRole('button', { name: 'Save' }).click()
  await row('شاحنة').waitFor()
  const device = (await bench.api('GET', `/devices?id=${adopted}`))[0]
  assert.equal(device.attributes.doorInput, 2)
  assert.equal(device.name, 'شاحنة التوزيع رقم ١٢')
})

test('a panic button is unmistakable until somebody takes it', async () => {
  await bench.api('POST', '/devices', { name: 'Taxi 1', uniqueId: '359880140077773' })
  const [line] = (await listed('35988014007777')).split('\n')
  const id = line.split('\t')[0]
  if (id !== '359880140077773')
    await bench.api('PUT', `/devices/${(await bench.api('GET', '/devices?uniqueId=359880140077773'))[0].id}`,
      { ...(await bench.api('GET', '/devices?uniqueId=359880140077773'))[0], uniqueId: id })
  const taxi = await bench.simulate('--devices', '1', '--imei-base', '35988014007777', '--history', '0', '--protocol', 'gt06',
    '--transport', 'tcp', '--script', bench.script('panic', '4 panic press\n'))
  const bar = page.getByRole('alert').filter({ hasText: 'SOS' })
  await bar.waitFor()
  assert.match(await bar.innerText(), /Taxi 1/)
  await shot(page, 'sos')
  await bar.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('heading', { name: 'Taxi 1' }).waitFor()
  await bench.stop(taxi)
  await bar.getByRole('button', { name: 'Dismiss' }).click()
  await bar.waitFor({ state: 'detached' })
})

async function listed(base) {
  const child = bench.run(['simulate', '--list', '--devices', '1', '--imei-base', base])
  await until('the list', () => child.exitCode !== null)
  return child.output
}

test('keys, help and the palette reach everything', async () => {
  await bench.open(page, '/')
  await page.locator('[role=option]').first().waitFor()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keys and help' })
  await help.waitFor()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'hidden' })
  await page.keyboard.press('/')
  await page.locator('input:focus').waitFor()
  await page.keyboard.type('taxi')
  await until('one row', async () => (await page.locator('[role=option]').count()) === 1)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find' }).waitFor()
  await page.keyboard.type('server')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/server(\?|$)/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('j')
  await page.waitForURL(/\/vehicle\/\d+/)
  await page.keyboard.press('3')
  await page.waitForURL(/\/raw(\?|$)/)
})

test('groups and users are made, and linked', async () => {
  await bench.open(page, '/groups/new')
  await page.getByLabel('Name', { exact: true }).fill('Depot North')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.locator('.item', { hasText: 'Depot North' }).waitFor()
  await bench.open(page, '/users/new')
  await page.getByLabel('Name', { exact: true }).fill('Asha Rao')
  await page.getByLabel('E-mail, to sign in with').fill('asha@example.com')
  await page.getByLabel('Password', { exact: true }).fill('asha-password')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.waitForURL(/\/users\/\d+/)
  const id = Number(page.url().match(/users\/(\d+)/)[1])
  await page.locator('.panel').getByRole('listbox', { name: 'Vehicles' }).locator('[role=option]', { hasText: 'Taxi 1' }).click()
  await until('the link', async () => (await bench.api('GET', `/devices?userId=${id}`)).some((device) => device.name === 'Taxi 1'))
})

test('links of other programs work: a token signs in, an identifier opens', async () => {
  const token = await bench.api('POST', '/session/token')
  const { uniqueId } = (await bench.api('GET', `/devices?id=${adopted}`))[0]
  const own = await bench.page({ signedIn: false })
  await bench.open(own, `/?token=${encodeURIComponent(token)}&uniqueId=${uniqueId}`)
  await own.waitForURL(new RegExp(`/vehicle/${adopted}`))
  assert.ok(!own.url().includes('token'), own.url())
  await own.context().close()
})

test('a lost connection is shown at once, and heals by itself', async () => {
  await bench.open(page, `/vehicle/${adopted}`)
  await page.locator('[role=option]').first().waitFor()
  await bench.stopServer()
  await page.getByText('Connection lost.').waitFor()
  await shot(page, 'lost')
  await bench.startServer()
  await page.getByText('Connection lost.').waitFor({ state: 'detached' })
  await row('شاحنة').waitFor()
})

const SCREENS = [
  ['live', '/'], ['table', '/?view=table&sort=-speed'], ['now', '/vehicle/ID'], ['day', '/vehicle/ID/day'],
  ['raw', '/vehicle/ID/raw'], ['setup', '/vehicle/ID/setup'], ['settings', '/vehicle/ID/settings'], ['unknown', '/unknown'],
  ['alarms', '/alarms'], ['users', '/users/1'], ['groups', '/groups'], ['account', '/account'], ['server', '/server'], ['add', '/add'],
]

for (const [look, options] of [
  ['desktop-light', {}], ['desktop-dark', { dark: true }], ['phone-light', { phone: true }], ['phone-dark', { phone: true, dark: true }],
]) {
  test(`every screen, ${look}`, { skip: process.env.SCREENS === '0' }, async () => {
    const found = []
    const own = await bench.page(options)
    await bench.open(own, '/')
    await until('the map', () => own.locator('.canvas canvas').count())
    await own.waitForTimeout(1500)
    for (const [name, path] of SCREENS) {
      await move(own, path.replace('ID', adopted))
      await own.locator('[role=option], [role=tabpanel], .panel').first().waitFor()
      await own.waitForTimeout(1000)
      await shot(own, `${name}-${look}`)
      found.push(...(await wrongs(own)).map((line) => `${name}: ${line}`))
    }
    assert.deepEqual(found, [])
    assert.deepEqual(own.complaints, [])
    await own.context().close()
  })
}

test('nothing was asked of other hosts, and no script failed', () => {
  assert.deepEqual(bench.strays, [])
  assert.deepEqual(page.complaints, [])
})

/*
 * The texts that point a WeTrack140 at this server, by SMS, over the serial tool or over
 * the data link: docs/wetrack140.md says where they come from.  Where a place for a value
 * is empty the text names it in angle brackets.
 */

export interface SetupInput {
  host: string
  port: number
  transport: 'tcp' | 'udp'
  apn: string
  apnUser: string
  apnPassword: string
  movingSeconds: number
  parkedSeconds: number
  sos: string[]
  centre: string
}

export interface SetupStep {
  title: string
  texts: string[]
  expect: string
  check: string
  optional?: boolean
}

export function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host)
}

/* Would a tracker on the mobile network find this host? */
export function isLocalHost(host: string): boolean {
  return !host || host === 'localhost' || /^(127|10)\./.test(host) || /^192\.168\./.test(host) ||
    /^172\.(1[6-9]|2\d|3[01])\./.test(host) || /^169\.254\./.test(host) || host.includes(':') || host.endsWith('.local')
}

/* "#" and "," would end a text early. */
function plain(text: string): string {
  return text.replace(/[#,\s]/g, '')
}

function apnText(input: SetupInput): string {
  const apn = plain(input.apn) || '<apn>'
  const user = plain(input.apnUser)
  return user ? `APN,${apn},${user},${plain(input.apnPassword)}#` : `APN,${apn}#`
}

export function serverText(input: Pick<SetupInput, 'host' | 'port' | 'transport'>): string {
  const host = plain(input.host) || '<host>'
  return `SERVER,${isAddress(host) ? 0 : 1},${host},${input.port},${input.transport === 'udp' ? 1 : 0}#`
}

function seconds(value: number): number {
  return Math.max(5, Math.min(65_535, Math.round(value) || 60))
}

export function weTrackSteps(input: SetupInput): SetupStep[] {
  const protocol = input.transport.toUpperCase()
  const numbers = input.sos.map(plain).filter(Boolean).slice(0, 3)
  return [
    {
      title: 'Prepare', texts: [], expect: '',
      check: 'Unit powered from the vehicle, view of the sky, SIM with data and SMS, its PIN off. Note IMEI and phone number.',
    },
    {
      title: 'Ask what it is', texts: ['VERSION#', 'STATUS#', 'PARAM#'],
      expect: 'Firmware; battery, GPRS, GSM, GPS, ACC; IMEI, server, timer, zone',
      check: 'No answer: an older unit wants its password after the word (666666 or 123456), the sender is not allowed, or the SIM has no credit.',
    },
    {
      title: 'Forget an earlier owner', texts: ['FACTORY#'], expect: 'OK', optional: true,
      check: 'Only for a used unit. Wait two minutes before the next text.',
    },
    { title: 'Clock to UTC', texts: ['GMT,E,0#'], expect: 'OK', check: 'Positions that are hours off come from a unit that kept its zone.' },
    {
      title: 'Access to the network', texts: [apnText(input)], expect: 'OK',
      check: `The name of the access point is the SIM provider's. An older form is APN,666666,${plain(input.apn) || '<apn>'}#.`,
    },
    {
      title: `This server, over ${protocol}`, texts: [serverText(input)], expect: 'OK',
      check: isAddress(plain(input.host))
        ? 'The address is fixed. If it ever changes, every unit has to be told.'
        : 'If the unit cannot resolve names, use the server by its IP address.',
    },
    {
      title: 'How often it reports', texts: [`TIMER,${seconds(input.movingSeconds)},${seconds(input.parkedSeconds)}#`], expect: 'OK',
      check: 'Seconds with ignition on, and off.',
    },
    {
      title: 'Data connection', texts: ['GPRSON,1#', 'GPRSSET#'], expect: `APN, host, port, ${protocol}, connected`,
      check: 'Not connected: APN name and user, SIM locked to another destination, port closed by the provider.',
    },
    {
      title: 'Who is called in an emergency', texts: [`SOS,A,${numbers.length ? numbers.join(',') : '<number>'}#`], expect: 'OK', optional: true,
      check: 'Up to three numbers. They also may listen in.',
    },
    {
      title: 'Who may cut off by SMS', texts: [`CENTER,A,${plain(input.centre) || '<number>'}#`], expect: 'OK', optional: true,
      check: 'Only this number can use RELAY by SMS.',
    },
    {
      title: 'Alarms', texts: ['POWERALM,ON,1,5,300#', 'BATALM,ON,1#', 'ACCALM,ON,2#', 'SPEED,ON,10,80,1#'], expect: 'OK', optional: true,
      check: 'External power cut, battery low, ignition, speed above 80 km/h for 10 s.',
    },
    {
      title: 'Compare and start again', texts: ['PARAM#', 'RESET#', 'STATUS#'], expect: 'GPRS:Link Up',
      check: 'After RESET wait a minute before STATUS. The device then appears here within two minutes.',
    },
  ]
}

/* Firmware for state servers (AIS-140) takes keys instead. */
export function aisTexts(input: SetupInput): string[] {
  const host = plain(input.host) || '<host>'
  return [
    `SET PIP:${host},PPT:${input.port}`, `SET SIP:${host},SPT:${input.port}`, `SET APN:${plain(input.apn) || '<apn>'}`,
    `SET UR:${seconds(input.movingSeconds)}`, `SET URE:10`, 'SET URH:600',
  ]
}

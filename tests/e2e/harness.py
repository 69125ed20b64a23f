"""A real server with a directory and ports of its own, and trackers made of bytes."""
import http.cookiejar, json, os, re, signal, socket, subprocess, sys, tempfile, time
import traceback, urllib.error, urllib.parse, urllib.request, shutil

EMAIL, PASSWORD = "admin@example.org", "correct horse battery"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, binary, *flags, data=None):
        self.binary, self.flags = binary, flags
        self.data = data or tempfile.mkdtemp(prefix="milepost-e2e-")
        self.process = None
        self.start()

    def start(self):
        self.port, self.http = free_port(), free_port()
        self.log = open(os.path.join(self.data, "server.log"), "ab")
        env = dict(os.environ, MILEPOST_ADMIN_EMAIL=EMAIL, MILEPOST_ADMIN_PASSWORD=PASSWORD)
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", self.data, "--port", str(self.port),
             "--http", str(self.http), *self.flags], stderr=self.log, stdout=self.log, env=env)
        until(lambda: self.answers() or self.process.poll() is not None, "the server answers")
        if self.process.poll() is not None:
            raise AssertionError("the server has ended: " + self.said()[-2000:])

    def answers(self):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/api/health" % self.http, timeout=2) as r:
                return r.read() == b"OK"
        except OSError:
            return False

    def said(self):
        with open(os.path.join(self.data, "server.log"), errors="replace") as f:
            return f.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it as an operator does; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        self.log.close()
        shutil.rmtree(self.data, ignore_errors=True)


def until(what, name, seconds=30):
    """Waits for a condition: never longer than it takes."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited in vain until " + name)
        time.sleep(0.02)


class Client:
    """The API as one user sees it."""

    def __init__(self, server, email=EMAIL, password=PASSWORD, login=True):
        self.base = "http://127.0.0.1:%d" % server.http
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.headers = {}
        if login:
            self.post_form("/api/session", email=email, password=password)

    def call(self, method, path, body=None, headers=None, raw=False):
        data = None
        all_headers = dict(self.headers, **(headers or {}))
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            all_headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.base + path, data=data, method=method,
                                         headers=all_headers)
        with self.opener.open(request, timeout=30) as r:
            text = r.read()
            if raw:
                return text
            return json.loads(text) if text and "json" in r.headers.get("Content-Type", "") else text

    def get(self, path, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def put(self, path, body):
        return self.call("PUT", path, body)

    def delete(self, path, body=None):
        return self.call("DELETE", path, body)

    def post_form(self, path, **fields):
        return self.call("POST", path, urllib.parse.urlencode(fields).encode(),
                         {"Content-Type": "application/x-www-form-urlencoded"})

    def status(self, method, path, body=None, headers=None):
        """The status alone, with the error's text."""
        try:
            self.call(method, path, body, headers)
            return 200, ""
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode(errors="replace")


# ---- trackers ----

def crc_x25(data):
    crc = 0xFFFF
    for b in data:
        crc ^= b
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


def gt06(number, content, serial):
    body = bytes([len(content) + 5, number]) + content + serial.to_bytes(2, "big")
    return b"\x78\x78" + body + crc_x25(body).to_bytes(2, "big") + b"\r\n"


def gt06_login(imei, serial=1):
    return gt06(0x01, bytes.fromhex("0" + imei), serial)


def gt06_heartbeat(serial, info=0x46, alarm=0):
    return gt06(0x13, bytes([info, 6, 4, alarm, 2]), serial)


def gt06_time(t):
    g = time.gmtime(t)
    return bytes([g.tm_year - 2000, g.tm_mon, g.tm_mday, g.tm_hour, g.tm_min, g.tm_sec])


def gt06_place(t, lat, lon, speed=42, course=135, fix=True):
    flags = course | (0x400 if lat >= 0 else 0) | (0x800 if lon < 0 else 0) | (0x1000 if fix else 0)
    return (gt06_time(t) + bytes([0xC9]) + round(abs(lat) * 1800000).to_bytes(4, "big") +
            round(abs(lon) * 1800000).to_bytes(4, "big") + bytes([speed]) + flags.to_bytes(2, "big"))


LBS = bytes.fromhex("01940A1F3C007B21")


def gt06_location(serial, t, lat, lon, speed=42, acc=1, stored=0, mileage=123456):
    return gt06(0x22, gt06_place(t, lat, lon, speed) + LBS + bytes([acc, 0, stored]) +
                mileage.to_bytes(4, "big"), serial)


def gt06_alarm(serial, t, lat, lon, code=1, info=0x46):
    return gt06(0x26, gt06_place(t, lat, lon, 0) + b"\x09" + LBS + bytes([info, 6, 4, code, 2]), serial)


def ack(number, serial):
    body = bytes([5, number]) + serial.to_bytes(2, "big")
    return b"\x78\x78" + body + crc_x25(body).to_bytes(2, "big") + b"\r\n"


def ais_crc(text):
    return "%04X" % crc_x25(text.encode())


def ais_location(imei, t, lat, lon, frame, kind="NR", alert="01", status="L", speed=42.0, ignition=1,
                 main=1, emergency=0, inputs="1000", outputs="00", tamper="C"):
    g = time.gmtime(t)
    body = (",NRM,MARK,V0.0.1,%s,%s,%s,%s,000000000,1,%s,%s,%.6f,%s,%.6f,%s,%.1f,135.00,11,216.0,"
            "1.4,0.8,AIRTEL,%d,%d,12.6,4.1,%d,%s,22,404,10,1F3C,7B21,1F3C,7B22,30,1F3C,7B23,27,"
            "1F3C,7B24,20,1F3C,7B25,18,%s,%s,0.1,123456,%06d," %
            (kind, alert, status, imei, time.strftime("%d%m%Y", g), time.strftime("%H%M%S", g),
             abs(lat), "N" if lat >= 0 else "S", abs(lon), "E" if lon >= 0 else "W", speed,
             ignition, main, emergency, tamper, inputs, outputs, frame))
    return ("$" + body + "0,0,0," + ais_crc(body) + ",*").encode()


def ais_login(imei):
    return ("$,LGN,MARK,000000000,%s,V0.0.1,AIS140,28.613900,N,77.209000,E,*" % imei).encode()


class Tcp:
    def __init__(self, server, host="127.0.0.1"):
        self.socket = socket.create_connection((host, server.port), timeout=10)

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, length):
        data = b""
        while len(data) < length:
            piece = self.socket.recv(length - len(data))
            if not piece:
                raise AssertionError("closed after %s" % data.hex())
            data += piece
        return data

    def closed(self, seconds=10):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096) == b""
        except ConnectionError:
            return True
        except socket.timeout:
            return False

    def close(self):
        self.socket.close()


class Udp:
    def __init__(self, server, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.connect((host, server.port))
        self.socket.settimeout(10)

    def send(self, data):
        self.socket.send(data)

    def receive(self, seconds=10):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(65536)
        except socket.timeout:
            return None

    def close(self):
        self.socket.close()


# ---- running ----

def run(cases, binary, *flags):
    """Calls every case with a server of its own; prints the line that runners look for."""
    passed = failed = 0
    for case in cases:
        server = None
        try:
            server = Server(binary, *flags, *getattr(case, "flags", ()))
            case(server)
            passed += 1
        except Exception:
            failed += 1
            print("FAILED %s" % case.__name__)
            traceback.print_exc(file=sys.stdout)
            if server:
                print(server.said()[-3000:])
        finally:
            if server:
                server.close()
        sys.stdout.flush()
    print("%d passed, %d failed" % (passed, failed))
    return failed == 0

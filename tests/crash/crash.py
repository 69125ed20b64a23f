#!/usr/bin/env python3
"""kill -9 at random moments under load: what was answered is there once, nothing twice.

Several trackers send positions, each with a time of its own, over TCP and UDP.  At a
random moment the server is killed and started again.  In the end every position whose
frame was answered must be in the history of its device exactly once, and none that was
sent may be there twice.
"""
import os, random, socket, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from harness import *

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "20"))
DEVICES = 12
BASE = int(time.time()) - 3 * 86400


def imei(i):
    return "3598801400%05d" % i


class Tracker(threading.Thread):
    """Sends until it is told to stop or the line breaks; remembers what was answered."""

    def __init__(self, server, i, first, udp):
        super().__init__(daemon=True)
        self.server, self.i, self.udp = server, i, udp
        self.next = first
        self.answered = set()
        self.stopping = False

    def run(self):
        try:
            (self.over_udp if self.udp else self.over_tcp)()
        except (OSError, AssertionError):
            pass  # the line broke: that is what this test does

    def location(self, n):
        return gt06_location(n & 0xFFFF, BASE + n, 28.0 + n * 1e-5, 77.0 + self.i * 0.01, mileage=n)

    def note(self, data, base):
        """Answers carry the low sixteen bits of the number."""
        for at in range(0, len(data) - 9, 10):
            if data[at + 3] == 0x22:
                serial = int.from_bytes(data[at + 4:at + 6], "big")
                self.answered.add(base + ((serial - base) & 0xFFFF))

    def over_tcp(self):
        t = Tcp(self.server)
        t.send(gt06_login(imei(self.i)))
        t.receive(10)
        while not self.stopping:
            first = self.next
            self.next += 20
            t.send(b"".join(self.location(n) for n in range(first, first + 20)))
            for _ in range(20):
                self.note(t.receive(10), first)

    def over_udp(self):
        u = Udp(self.server)
        u.send(gt06_login(imei(self.i)))
        u.receive(5)
        while not self.stopping:
            first = self.next
            self.next += 10
            for n in range(first, first + 10):
                u.send(self.location(n))
            for _ in range(10):
                data = u.receive(1)
                if not data:
                    break
                self.note(data, first)


def round_of(server, first, rng):
    trackers = [Tracker(server, i, first[i], udp=i % 3 == 0) for i in range(DEVICES)]
    for t in trackers:
        t.start()
    threading.Event().wait(rng.uniform(0.05, 1.5))
    server.kill()
    for t in trackers:
        t.stopping = True
        t.join(10)
    return trackers


def history(client, device_id):
    return client.get("/api/positions", deviceId=device_id,
                      **{"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"})


def main():
    seed = int(os.environ.get("CRASH_SEED", random.randrange(1 << 30)))
    print("seed %d" % seed)
    rng = random.Random(seed)
    server = Server(sys.argv[1])
    passed = failed = 0
    try:
        client = Client(server)
        devices = [client.post("/api/devices", {"name": "T%d" % i, "uniqueId": imei(i)})["id"]
                   for i in range(DEVICES)]
        first = [1] * DEVICES
        answered = [set() for _ in range(DEVICES)]
        for number in range(ROUNDS):
            for t in round_of(server, first, rng):
                answered[t.i] |= t.answered
                first[t.i] = t.next
            server.start()
            client = Client(server)
            wrong = check(client, devices, answered)
            passed += not wrong
            failed += bool(wrong)
            print("round %d: %d answered%s" % (number + 1, sum(map(len, answered)),
                                               ": " + wrong if wrong else ""))
            sys.stdout.flush()
    finally:
        if failed:
            print(server.said()[-3000:])
        server.close()
    print("%d passed, %d failed" % (passed, failed))
    return failed == 0


def check(client, devices, answered):
    """What is wrong, or an empty text.  The journal may still be being applied."""
    wrong = ""
    for i, device_id in enumerate(devices):
        def there():
            return [p["attributes"]["odometer"] for p in history(client, device_id)
                    if not p["outdated"]]
        end = time.monotonic() + 20
        while True:
            got = there()
            lost = answered[i] - set(got)
            if not lost or time.monotonic() > end:
                break
        if lost:
            wrong += " T%d lost %d, such as %s;" % (i, len(lost), sorted(lost)[:5])
        if len(got) != len(set(got)):
            wrong += " T%d has %d twice;" % (i, len(got) - len(set(got)))
    return wrong


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

#!/usr/bin/env python3
"""Trackers on real sockets, and what their people then see by the API."""
import socket, sys, time

from harness import *

IMEI = "359880140012347"
NOW = lambda: int(time.time())


def device(client, imei=IMEI, **more):
    return client.post("/api/devices", dict({"name": "DL 1C 4821", "uniqueId": imei}, **more))


def latest(client, device_id):
    found = [p for p in client.get("/api/positions") if p["deviceId"] == device_id]
    return found[0] if found else None


def history(client, device_id, t0=0, t1=4102444800):
    iso = lambda t: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))
    return client.get("/api/positions", deviceId=device_id, **{"from": iso(t0), "to": iso(t1)})


def log_in(talk, imei=IMEI):
    talk.send(gt06_login(imei))
    assert talk.receive(10) == ack(1, 1)


def binary_over_tcp(server):
    c = Client(server)
    d = device(c)
    assert d["status"] == "offline"
    t = Tcp(server)
    log_in(t)
    t.send(gt06_location(2, NOW() - 5, 28.6139, 77.2090))
    p = until(lambda: latest(c, d["id"]), "the position is there")
    assert p["protocol"] == "gt06" and p["valid"] and not p["outdated"], p
    assert abs(p["latitude"] - 28.6139) < 1e-6 and abs(p["longitude"] - 77.209) < 1e-6, p
    assert abs(p["speed"] * 1.852 - 42) < 0.01 and p["course"] == 135, p
    assert p["attributes"]["ignition"] is True and p["attributes"]["sat"] == 9, p
    assert p["attributes"]["odometer"] == 123456
    assert c.get("/api/devices", id=d["id"])[0]["status"] == "online"
    assert t.receive(10) == ack(0x22, 2)
    t.send(gt06_heartbeat(3))
    assert t.receive(10) == ack(0x13, 3)
    t.close()
    until(lambda: c.get("/api/devices", id=d["id"])[0]["status"] == "offline", "it is offline")


def split_at_every_byte_and_glued(server):
    c = Client(server)
    d = device(c)
    t0 = NOW() - 1000
    frames = [gt06_location(2 + i, t0 + 10 * i, 28.6 + i * 0.001, 77.2) for i in range(20)]
    t = Tcp(server)
    t.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for b in gt06_login(IMEI) + frames[0] + frames[1]:
        t.send(bytes([b]))
    t.send(b"".join(frames[2:]))
    until(lambda: len(history(c, d["id"])) == 20, "all positions are there")
    t.close()


def text_over_tcp_and_udp(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    t.send(ais_login(IMEI))
    reply = t.receive(19)
    assert reply.startswith(b"$LGN") and reply.endswith(b"*"), reply
    t0 = NOW() - 100
    t.send(ais_location(IMEI, t0, 28.6139, 77.2090, 1))
    until(lambda: latest(c, d["id"]), "the position is there")
    u = Udp(server)
    u.send(ais_location(IMEI, t0 + 10, 28.6149, 77.2100, 2))
    until(lambda: len(history(c, d["id"])) == 2, "both are there")
    assert t.closed(), "the old stream is closed when the device changes transport"
    u.close()


def binary_over_udp(server):
    c = Client(server)
    d = device(c)
    u = Udp(server)
    u.send(gt06_login(IMEI) + gt06_location(2, NOW() - 5, -33.8688, 151.2093))
    got = b""
    while len(got) < 10:
        got += u.receive() or b""
    assert got.startswith(ack(1, 1)), got.hex()
    p = until(lambda: latest(c, d["id"]), "the position is there")
    assert abs(p["latitude"] + 33.8688) < 1e-6 and abs(p["longitude"] - 151.2093) < 1e-6, p
    u.close()


def ipv6(server):
    try:
        t = Tcp(server, "::1")
    except OSError as e:
        print("skipped: no IPv6 here: %s" % e)
        return
    Client(server)
    log_in(t)
    t.close()
    u = Udp(server, "::1")
    u.send(gt06_login(IMEI))
    assert u.receive() == ack(1, 1)
    u.close()


def rubbish_first(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    t.send(b"\x00\xff\x01garbage" + gt06_login(IMEI))
    assert t.receive(10) == ack(1, 1)
    t.send(b"noise" + gt06_location(2, NOW(), 28.6, 77.2))
    until(lambda: latest(c, d["id"]), "the position is there")
    t.close()


def reconnect_closes_the_old_one(server):
    c = Client(server)
    device(c)
    a, b = Tcp(server), Tcp(server)
    log_in(a)
    log_in(b)
    assert a.closed(), "the old connection is closed"
    b.send(gt06_heartbeat(2))
    assert b.receive(10) == ack(0x13, 2), "the new one lives"
    b.close()


def one_id_on_two_networks(server):
    c = Client(server)
    d = device(c)
    u = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for i, s in enumerate(u):
        s.bind(("127.0.0.%d" % (i + 2), 0))
        s.settimeout(10)
    for i in range(4):
        s = u[i % 2]
        s.sendto(gt06_login(IMEI, i + 1), ("127.0.0.1", server.port))
        assert s.recv(100) == ack(1, i + 1)
    flags = until(lambda: c.get("/api/devices/%d/health" % d["id"])["flags"], "it is flagged")
    assert flags[0]["kind"] == "twoNetworks", flags
    for s in u:
        s.close()


def late_and_repeated(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    log_in(t)
    t0 = NOW() - 3600
    live = [gt06_location(2 + i, t0 + 60 * i, 28.6 + i * 0.001, 77.2) for i in range(5)]
    late = [gt06_location(20 + i, t0 + 30 + 60 * i, 28.6005 + i * 0.001, 77.2, stored=1) for i in range(4)]
    t.send(b"".join(live + list(reversed(late)) + live + late))
    until(lambda: len([p for p in history(c, d["id"]) if not p["outdated"]]) == 9, "all nine are there")
    got = [p for p in history(c, d["id"]) if not p["outdated"]]
    times = [p["fixTime"] for p in got]
    assert times == sorted(times), times
    assert latest(c, d["id"])["fixTime"] == got[-1]["fixTime"]
    health = c.get("/api/devices/%d/health" % d["id"])
    assert health["repeats"] == 9, health
    assert health["late"] == 4, health
    t.close()


def unknown_then_adopted(server):
    c = Client(server)
    u = Udp(server)
    t0 = NOW() - 600
    u.send(gt06_login(IMEI))
    assert u.receive() == ack(1, 1), "answered by default"
    for i in range(5):
        u.send(gt06_location(2 + i, t0 + 60 * i, 28.6 + i * 0.001, 77.2))
    found = until(lambda: [s for s in c.get("/api/unknown") if s["frames"] >= 6], "it is listed")[0]
    assert found["id"] == IMEI and found["protocol"] == "gt06" and found["transport"] == "udp", found
    assert found["lastFrames"] and "login" in found["messages"], found
    d = c.post("/api/unknown/%s/adopt" % IMEI, {"name": "Found"})
    until(lambda: len(history(c, d["id"])) == 5, "its past is in its history")
    u.send(gt06_location(10, NOW(), 28.7, 77.2))
    until(lambda: len(history(c, d["id"])) == 6, "and its present")
    assert not [s for s in c.get("/api/unknown") if s["id"] == IMEI]
    u.close()


def unknown_not_answered(server):
    c = Client(server)
    u = Udp(server)
    u.send(gt06_login(IMEI))
    until(lambda: c.get("/api/unknown"), "it is listed")
    assert u.receive(0.5) is None, "not answered when the operator says so"
    u.close()


unknown_not_answered.flags = ("--ignore-unknown",)


def raw_frames(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    log_in(t)
    frame = gt06_location(2, NOW() - 5, 28.6139, 77.2090)
    bad = bytearray(gt06_location(3, NOW() - 4, 28.6149, 77.2090))
    bad[-3] ^= 1
    t.send(frame + bytes(bad) + gt06_heartbeat(4))
    t.receive(30)
    frames = until(lambda: [f for f in c.get("/api/frames", deviceId=d["id"])][3:] and
                   c.get("/api/frames", deviceId=d["id"]), "four frames are there")
    assert [f["message"] for f in frames] == ["heartbeat", "location", "location", "login"], frames
    assert frames[2]["hex"] == frame.hex() and frames[2]["checksumOk"] and not frames[1]["checksumOk"]
    assert frames[3]["replies"] == [ack(1, 1).hex()]
    one = c.get("/api/frames/%d" % frames[2]["id"])
    assert sum(f["length"] for f in one["fields"]) >= len(frame), one["fields"]
    assert one["records"][0]["attributes"]["ignition"] is True
    health = c.get("/api/devices/%d/health" % d["id"])
    assert health["checksumErrors"] == 1, health
    t.close()


def impossible_values(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    log_in(t)
    good = gt06_location(2, NOW() - 50, 28.6, 77.2)
    lat = bytearray(gt06_place(NOW() - 40, 28.6, 77.2))
    lat[7:11] = (91 * 1800000).to_bytes(4, "big")
    wrong_place = gt06(0x22, bytes(lat) + LBS + b"\x01\x00\x00", 3)
    future = gt06_location(4, NOW() + 10 * 86400, 28.7, 77.3)
    date = bytearray(gt06_place(NOW(), 28.8, 77.4))
    date[1] = 13
    wrong_date = gt06(0x22, bytes(date) + LBS + b"\x01\x00\x00", 5)
    t.send(good + wrong_place + future + wrong_date + gt06(0x7F, b"abc", 6) + gt06_heartbeat(7))
    until(lambda: c.get("/api/devices/%d/health" % d["id"])["frames"] >= 7, "all have come")
    placed = [p for p in history(c, d["id"]) if not p["outdated"]]
    for p in placed:
        assert abs(p["latitude"]) <= 90
        assert p["fixTime"] < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW() + 86400)), p
    health = c.get("/api/devices/%d/health" % d["id"])
    assert health["malformed"] >= 1 and health["faults"], health
    t.close()


def events_of_a_day(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    log_in(t)
    t0 = NOW() - 600
    t.send(gt06_location(2, t0, 28.6, 77.2, speed=0, acc=0))
    t.send(gt06_location(3, t0 + 60, 28.6, 77.2, speed=0, acc=1))
    t.send(gt06_location(4, t0 + 120, 28.605, 77.2, speed=40, acc=1))
    t.send(gt06_alarm(5, t0 + 150, 28.606, 77.2, code=1))
    t.send(gt06_alarm(6, t0 + 180, 28.607, 77.2, code=2, info=0x42))
    t.send(gt06_location(7, t0 + 240, 28.608, 77.2, speed=0, acc=0))
    t.send(gt06_heartbeat(8, info=0x44))
    iso = lambda s: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(s))

    def events():
        return c.get("/api/reports/events", deviceId=d["id"], **{"from": iso(t0 - 10), "to": iso(NOW() + 10)})

    until(lambda: any(e["type"] == "ignitionOff" for e in events()), "the engine is off")
    types = [(e["type"], e["attributes"].get("alarm")) for e in events()]
    for want in (("ignitionOn", None), ("deviceMoving", None), ("alarm", "sos"), ("alarm", "powerCut"),
                 ("ignitionOff", None), ("deviceOnline", None)):
        assert want in types, (want, types)
    one = events()[0]
    assert c.get("/api/events/%d" % one["id"])["type"] == one["type"]
    last = latest(c, d["id"])
    assert last["attributes"]["totalDistance"] > 500, last
    t.close()


def a_user_sees_his_own(server):
    c = Client(server)
    mine, other = device(c), device(c, "359880140012354", name="Other")
    u = c.post("/api/users", {"name": "Ann", "email": "ann@example.org", "password": "a long password"})
    c.post("/api/permissions", {"userId": u["id"], "deviceId": mine["id"]})
    for imei in (IMEI, "359880140012354"):
        t = Tcp(server)
        log_in(t, imei)
        t.send(gt06_location(2, NOW() - 5, 28.6, 77.2))
        t.close()
    until(lambda: len(c.get("/api/positions")) == 2, "both have a position")
    ann = Client(server, "ann@example.org", "a long password")
    assert [d["id"] for d in ann.get("/api/devices")] == [mine["id"]]
    assert [p["deviceId"] for p in ann.get("/api/positions")] == [mine["id"]]
    iso = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    there = ann.status("GET", "/api/positions?deviceId=%d&from=%s&to=%s" % (other["id"], *iso))
    nowhere = ann.status("GET", "/api/positions?deviceId=99999&from=%s&to=%s" % iso)
    assert there == nowhere and there[0] in (400, 404), (there, nowhere)
    for path in ("/api/devices/%d", "/api/devices/%d/health", "/api/frames?deviceId=%d"):
        assert ann.status("GET", path % other["id"]) == ann.status("GET", path % 99999), path
    assert ann.status("GET", "/api/overview")[0] == 400
    secret = [p["id"] for p in c.get("/api/positions") if p["deviceId"] == other["id"]][0]
    assert ann.get("/api/positions", id=secret) == []


def graceful_stop(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    log_in(t)
    for i in range(500):
        t.send(gt06_location(2 + i, NOW() - 6000 + 10 * i, 28.6 + i * 1e-4, 77.2))
    assert t.receive(5000)[-10:] == ack(0x22, 501), "the last frame is acknowledged"
    assert server.stop() == 0
    server.start()
    c = Client(server)
    until(lambda: len([p for p in history(c, d["id"]) if not p["outdated"]]) == 500, "all are there")
    assert latest(c, d["id"]), "and the latest position"
    t.close()


def exactly_as_sent(server):
    c = Client(server)
    d = device(c)
    t = Tcp(server)
    log_in(t)
    t0 = NOW() - 8000
    want = []
    for i in range(200):
        lat, lon = 28.6 + (i * 7919 % 1000) * 1.3e-6, 77.2 + (i * 104729 % 1000) * 1.7e-6
        t.send(gt06_location(2 + i, t0 + 30 * i, lat, lon, speed=i % 120, mileage=1000 + i))
        want.append((round(round(lat * 1800000) / 1800000, 7), round(round(lon * 1800000) / 1800000, 7),
                     i % 120, 1000 + i))
    until(lambda: len(history(c, d["id"])) == 200, "all are there")
    for again in range(2):
        got = [(p["latitude"], p["longitude"], round(p["speed"] * 1.852, 6), p["attributes"]["odometer"])
               for p in history(c, d["id"])]
        assert got == want, [x for x in zip(got, want) if x[0] != x[1]][:3]
        if not again:
            assert server.stop() == 0
            server.start()
            c = Client(server)
    t.close()


def limits(server):
    slow = Tcp(server)
    slow.send(b"\x78")
    assert slow.closed(20), "one that never identifies itself is closed"
    long = Tcp(server)
    long.send(b"\x79\x79\xff\xff\x94" + b"x" * 20)
    Client(server)


limits.flags = ("--login-time", "5")


CASES = [binary_over_tcp, split_at_every_byte_and_glued, text_over_tcp_and_udp, binary_over_udp, ipv6,
         rubbish_first, reconnect_closes_the_old_one, one_id_on_two_networks, late_and_repeated,
         unknown_then_adopted, unknown_not_answered, raw_frames, impossible_values, events_of_a_day,
         a_user_sees_his_own, graceful_stop, exactly_as_sent, limits]

if __name__ == "__main__":
    cases = [c for c in CASES if not sys.argv[2:] or c.__name__ in sys.argv[2:]]
    sys.exit(0 if run(cases, sys.argv[1]) else 1)

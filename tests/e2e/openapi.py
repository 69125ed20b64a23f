#!/usr/bin/env python3
"""The server against docs/openapi.yaml: every documented call is made, and every answer has
the status, the type and the fields that the document says - no fewer, no more."""
import base64, os, re, struct, sys, time, urllib.error, urllib.parse, urllib.request

import jsonschema, yaml

from harness import *

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/openapi.yaml")
SPEC = yaml.safe_load(open(DOCUMENT))
IMEI, STRAY, STRAY2 = "359880140012347", "865205030330012", "865205030330020"
FROM, TO = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00.000Z"


def follow(node):
    while "$ref" in node:
        target = SPEC
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def check(schema, value, where):
    validator = jsonschema.Draft202012Validator(dict(schema, components=SPEC["components"]))
    errors = sorted(validator.iter_errors(value), key=lambda e: list(e.path))
    assert not errors, "%s: at %s: %s" % (where, list(errors[0].path), errors[0].message)


class Documented:
    """Makes calls and holds the answers against the document."""
    made = set()

    def __init__(self, server, user=None, password=PASSWORD, token=None):
        self.base = "http://127.0.0.1:%d/api" % server.http
        self.headers = {}
        if user:
            pair = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
            self.headers["Authorization"] = "Basic " + pair
        if token:
            self.headers["Authorization"] = "Bearer " + token

    def call(self, method, path, want, body=None, form=None, query=None, headers=None, loose=False, **names):
        """`path` as documented; returns the answer, and keeps its headers.  `loose`: the body is
        not as documented, and is taken all the same."""
        operation = SPEC["paths"][path][method]
        url = self.base + path
        for name, value in names.items():
            url = url.replace("{%s}" % name, urllib.parse.quote(str(value), safe=""))
        if query:
            known = [follow(p)["name"] for p in operation.get("parameters", [])]
            assert set(query) <= set(known), "not documented: %s" % (set(query) - set(known))
            url += "?" + urllib.parse.urlencode(query, doseq=True)
        data, kind = None, None
        if body is not None:
            data, kind = json.dumps(body).encode(), "application/json"
        if form is not None:
            data, kind = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        if data is not None:
            content = follow(operation["requestBody"])["content"]
            assert kind in content, "%s %s takes no %s" % (method, path, kind)
            if want < 400 and body is not None and not loose:
                check(content[kind]["schema"], body, "request of %s %s" % (method, path))
        request = urllib.request.Request(url, data, dict(self.headers, **(headers or {})),
                                         method=method.upper())
        if kind:
            request.add_header("Content-Type", kind)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as e:
            answer = e
        return self.judge(operation, method, path, want, answer)

    def judge(self, operation, method, path, want, answer):
        where = "%s %s" % (method, path)
        text = answer.read()
        assert answer.status == want, "%s: %d, not %d: %s" % (where, answer.status, want, text[:300])
        assert str(want) in operation["responses"], "%s: %d is not documented" % (where, want)
        self.made.add((method, path, want))
        self.answer = answer
        content = follow(operation["responses"][str(want)]).get("content")
        if not content:
            assert not text, "%s: a body where none is documented: %r" % (where, text[:100])
            return None
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in content, "%s: type %s is not documented" % (where, kind)
        value = json.loads(text) if kind == "application/json" else text.decode()
        check(content[kind]["schema"], value, where)
        return value


class Socket:
    """A WebSocket client, as small as it can be."""

    def __init__(self, server, headers="", query=""):
        self.socket = socket.create_connection(("127.0.0.1", server.http), timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(("GET /api/socket%s HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: %s\r\n%s\r\n" % (query, server.http, key, headers)).encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])

    def more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError("the socket is closed")
        return piece

    def take(self, n):
        while len(self.rest) < n:
            self.rest += self.more()
        taken, self.rest = self.rest[:n], self.rest[n:]
        return taken

    def frame(self, seconds=10):
        """The next frame: its kind, and its object or bytes."""
        self.socket.settimeout(seconds)
        first, length = self.take(2)
        if length == 126:
            length = struct.unpack(">H", self.take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.take(8))[0]
        data = self.take(length)
        if first & 15 != 1:
            return first & 15, data
        value = json.loads(data)
        check({"$ref": "#/components/schemas/SocketFrame"}, value, "socket")
        return 1, value

    def until(self, key, what=lambda item: True, seconds=10):
        """Reads on to a frame whose `key` holds an item that fits; returns the item."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError("no %s came" % key)
            try:
                value = self.frame(left)[1]
            except socket.timeout:
                raise AssertionError("no %s came" % key)
            if isinstance(value, dict) and key in value:
                items = value[key] if isinstance(value[key], list) else [value[key]]
                for item in items:
                    if what(item):
                        return item

    def send(self, data, kind=1):
        mask = os.urandom(4)
        data = data.encode() if isinstance(data, str) else data
        assert len(data) < 65536
        head = bytes([0x80 | kind]) + (bytes([0x80 | len(data)]) if len(data) < 126 else
                                       b"\xfe" + struct.pack(">H", len(data)))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def closed(self, seconds=10):
        try:
            while True:
                if self.frame(seconds)[0] == 8:
                    return True
        except (EOFError, ConnectionError):
            return True
        except socket.timeout:
            return False


def put_back(value, **changes):
    """What clients do: the whole object again, with a change."""
    return dict(value, **changes)


# ---- the document, call by call ----

def session_and_tokens(server):
    nobody, admin = Documented(server), Documented(server, EMAIL)
    nobody.call("get", "/health", 200)
    nobody.call("get", "/session", 404)
    nobody.call("post", "/session", 401, form={"email": EMAIL, "password": "wrong"})
    nobody.call("post", "/session", 401, form={"email": "x@example.org", "password": "wrong"})
    user = nobody.call("post", "/session", 200, form={"email": " " + EMAIL.upper(), "password": PASSWORD})
    cookie = nobody.answer.headers["Set-Cookie"]
    assert re.fullmatch(r"JSESSIONID=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax", cookie), cookie
    browser = Documented(server)
    browser.headers["Cookie"] = cookie  # the whole value, as some scripts send it
    assert browser.call("get", "/session", 200) == user
    browser.call("delete", "/session", 204)
    browser.call("get", "/session", 404)
    admin.call("get", "/session", 200)
    Documented(server, EMAIL, "wrong").call("get", "/session", 401)
    admin.call("post", "/session/token", 400, form={"expiration": "yesterday"})
    admin.call("post", "/session/token", 400, form={"expiration": "2001-01-01T00:00:00Z"})
    nobody.call("post", "/session/token", 401)
    token = admin.call("post", "/session/token", 200, form={"expiration": TO})
    assert re.fullmatch(r"[\w-]{43}", token), token
    with_token = Documented(server, token=token)
    assert with_token.call("get", "/session", 200)["id"] == user["id"]
    short = with_token.call("post", "/session/token", 200)
    opened = Documented(server)
    opened.call("get", "/session", 200, query={"token": token})
    opened.headers["Cookie"] = opened.answer.headers["Set-Cookie"]
    opened.call("get", "/session", 200)
    nobody.call("get", "/session", 401, query={"token": token[:-1] + "-"})
    nobody.call("post", "/session/token/revoke", 401, form={"token": token})
    admin.call("post", "/session/token/revoke", 204, form={"token": "none of ours"})
    admin.call("post", "/session/token/revoke", 204, form={"token": token})
    with_token.call("get", "/session", 401)
    nobody.call("get", "/session", 401, query={"token": token})
    opened.call("get", "/session", 404)
    Documented(server, token=short).call("get", "/session", 401)


def server_settings(server):
    nobody, admin = Documented(server), Documented(server, EMAIL)
    before = nobody.call("get", "/server", 200)
    assert before["storageSpace"] is None and before["newServer"] is False
    assert before["attributes"]["trackerPort"] == server.port
    assert len(admin.call("get", "/server", 200)["storageSpace"]) == 2
    change = put_back(before, registration=True, mapUrl="https://tiles.example.org/{z}/{x}/{y}.png", zoom="7",
                      announcement="first line\nsecond", attributes={"trackerHost": "gps.example.org", "ratio": 0.1})
    assert "latitude" in admin.call("put", "/server", 400, body=put_back(change, latitude=91))
    nobody.call("put", "/server", 401, body=before)
    after = admin.call("put", "/server", 200, body=put_back(change, zoom=7))
    assert after["registration"] and after["zoom"] == 7 and after["announcement"] == "first line\nsecond"
    assert after["attributes"] == {"trackerHost": "gps.example.org", "ratio": 0.1, "trackerPort": server.port}
    zones = admin.call("get", "/server/timezones", 200)
    assert "Europe/Berlin" in zones and "Asia/Kolkata" in zones and zones == sorted(zones)
    nobody.call("get", "/server/timezones", 401)


def users(server):
    nobody, admin = Documented(server), Documented(server, EMAIL)
    nobody.call("post", "/users", 400, body={"name": "A", "email": "a@example.org", "password": "secret 1"})
    admin.call("post", "/users", 400, body={"name": "A", "email": "a@example.org"})
    admin.call("post", "/users", 400, body={"name": "A", "email": "no address", "password": "secret 1"})
    a = admin.call("post", "/users", 200, body={"name": "A", "email": "a@example.org", "password": "secret 1",
                                                "userLimit": 1, "attributes": {"speedUnit": "kmh"}})
    assert "email" in admin.call("post", "/users", 400,
                                 body={"name": "B", "email": "A@example.org", "password": "secret 1"})
    manager = Documented(server, "a@example.org", "secret 1")
    b = manager.call("post", "/users", 200, body={"name": "B", "email": "b@example.org", "password": "secret 2"})
    manager.call("post", "/users", 400, body={"name": "C", "email": "c@example.org", "password": "secret 3"})
    assert [u["id"] for u in manager.call("get", "/users", 200)] == [b["id"]]
    assert [u["name"] for u in admin.call("get", "/users", 200, query={"keyword": "A@EXAMPLE"})] == ["A"]
    assert len(admin.call("get", "/users", 200, query={"limit": 1, "offset": 1, "excludeAttributes": "true"})) == 1
    admin.call("get", "/users", 400, query={"limit": "many"})
    nobody.call("get", "/users", 401)
    other = Documented(server, "b@example.org", "secret 2")
    assert other.call("get", "/users", 200) == []
    other.call("get", "/users/{id}", 400, id=a["id"])
    other.call("get", "/users/{id}", 400, id=99999)
    admin.call("get", "/users/{id}", 404, id=99999)
    assert other.call("get", "/users/{id}", 200, id=b["id"]) == b
    changed = other.call("put", "/users/{id}", 200, id=b["id"],
                         body=put_back(b, attributes={"mapFollow": True}, zoom=3))
    assert changed["attributes"] == {"mapFollow": True} and changed["zoom"] == 3
    for field, value in (("administrator", True), ("deviceLimit", 5), ("readonly", True), ("disabled", True)):
        refused = other.call("put", "/users/{id}", 400, id=b["id"], body=put_back(b, **{field: value}))
        assert field in refused, refused
    other.call("put", "/users/{id}", 400, id=a["id"], body=put_back(a, name="mine"))
    admin.call("put", "/users/{id}", 404, id=99999, body=put_back(a, id=99999))
    as_b = manager.call("get", "/session/{id}", 200, id=b["id"])
    assert as_b["id"] == b["id"]
    other.call("get", "/session/{id}", 400, id=a["id"])
    admin.call("get", "/session/{id}", 404, id=99999)
    # A new password ends what was made with the old one.
    token = other.call("post", "/session/token", 200)
    other.call("put", "/users/{id}", 200, id=b["id"], body=put_back(b, password="secret 9"))
    other.call("get", "/session", 401)
    Documented(server, token=token).call("get", "/session", 401)
    Documented(server, "b@example.org", "secret 9").call("get", "/session", 200)
    # Disabled: out by every door, at once.
    token = manager.call("post", "/session/token", 200)
    admin.call("put", "/users/{id}", 200, id=a["id"], body=put_back(a, disabled=True))
    manager.call("get", "/session", 401)
    Documented(server, token=token).call("get", "/session", 401)
    admin.call("delete", "/users/{id}", 204, id=a["id"])
    admin.call("delete", "/users/{id}", 404, id=a["id"])
    other = Documented(server, "b@example.org", "secret 9")
    other.call("delete", "/users/{id}", 400, id=1)
    assert "only one" in admin.call("delete", "/users/{id}", 400, id=1)


def groups_devices_permissions(server):
    admin = Documented(server, EMAIL)
    nobody = Documented(server)
    u = admin.call("post", "/users", 200, body={"name": "U", "email": "u@example.org", "password": "secret 1",
                                                "userLimit": 5})
    user = Documented(server, "u@example.org", "secret 1")
    admin.call("post", "/groups", 400, body={"name": " "})
    top = admin.call("post", "/groups", 200, body={"name": "Top"})
    sub = admin.call("post", "/groups", 200, body={"name": "Sub", "groupId": str(top["id"])}, loose=True)
    assert sub["groupId"] == top["id"]
    admin.call("put", "/groups/{id}", 400, id=top["id"], body=put_back(top, groupId=sub["id"]))
    top = admin.call("put", "/groups/{id}", 200, id=top["id"], body=put_back(top, name="The top"))
    assert admin.call("get", "/groups/{id}", 200, id=top["id"]) == top
    admin.call("get", "/groups/{id}", 404, id=4711)
    admin.call("put", "/groups/{id}", 404, id=4711, body=put_back(top, id=4711))
    user.call("get", "/groups/{id}", 400, id=top["id"])
    user.call("put", "/groups/{id}", 400, id=top["id"], body=top)
    user.call("delete", "/groups/{id}", 400, id=top["id"])
    assert user.call("get", "/groups", 200) == []
    nobody.call("get", "/groups", 401)

    d = admin.call("post", "/devices", 200, body={"name": "Van", "uniqueId": IMEI, "groupId": sub["id"],
                                                  "attributes": {"speedLimit": 54.5}, "category": "van"})
    assert d["status"] == "offline" and d["lastUpdate"] is None and d["positionId"] == 0
    assert "uniqueId" in admin.call("post", "/devices", 400, body={"name": "Twin", "uniqueId": IMEI})
    admin.call("post", "/devices", 400, body={"name": "No id"})
    e = admin.call("post", "/devices", 200, body={"name": "Car", "uniqueId": "E1"})
    assert [x["name"] for x in admin.call("get", "/devices", 200)] == ["Car", "Van"]
    assert [x["id"] for x in admin.call("get", "/devices", 200, query={"uniqueId": ["E1", "none"]})] == [e["id"]]
    assert admin.call("get", "/devices", 200, query={"keyword": "vAn", "excludeAttributes": "true"})[0]["attributes"] == {}
    assert len(admin.call("get", "/devices", 200, query={"all": "true", "limit": 1})) == 1
    admin.call("get", "/devices", 400, query={"id": "one"})
    nobody.call("get", "/devices", 401)
    # To who may not see it, a device answers as one that does not exist.
    refused = user.call("get", "/devices/{id}", 400, id=d["id"])
    assert refused == user.call("get", "/devices/{id}", 400, id=4711)
    assert user.call("get", "/devices", 200, query={"id": [d["id"], e["id"]]}) == []
    admin.call("get", "/devices/{id}", 404, id=4711)
    admin.call("put", "/devices/{id}", 404, id=4711, body=put_back(d, id=4711))
    user.call("put", "/devices/{id}", 400, id=d["id"], body=d)
    user.call("delete", "/devices/{id}", 400, id=d["id"])
    admin.call("delete", "/devices/{id}", 404, id=4711)
    changed = admin.call("put", "/devices/{id}", 200, id=d["id"],
                         body=put_back(d, name="Van 2", status="online", positionId=77, model="WeTrack140"))
    assert (changed["status"], changed["positionId"], changed["model"]) == ("offline", 0, "WeTrack140")
    admin.call("put", "/devices/{id}", 400, id=d["id"], body=put_back(d, groupId=4711))
    admin.call("put", "/devices/{id}/accumulators", 400, id=d["id"], body={"deviceId": d["id"], "totalDistance": 5})

    # Links: by group, directly, and gone again.
    admin.call("post", "/permissions", 400, body={"userId": u["id"], "geofenceId": 1})
    admin.call("post", "/permissions", 204, body={"userId": u["id"], "groupId": top["id"]})
    assert [x["id"] for x in user.call("get", "/devices", 200)] == [d["id"]]
    assert user.call("get", "/devices", 200, query={"userId": u["id"]}) == []
    assert [x["name"] for x in user.call("get", "/groups", 200)] == ["Sub", "The top"]
    admin.call("delete", "/permissions", 204, body={"userId": u["id"], "groupId": top["id"]})
    assert user.call("get", "/devices", 200) == []
    user.call("post", "/permissions", 400, body={"userId": u["id"], "deviceId": d["id"]})
    user.call("delete", "/permissions", 400, body={"userId": u["id"], "deviceId": d["id"]})
    both = [{"userId": u["id"], "deviceId": d["id"]}, {"userId": u["id"], "deviceId": e["id"]}]
    admin.call("post", "/permissions/bulk", 400, body=both + [{"userId": u["id"], "deviceId": 4711}])
    assert user.call("get", "/devices", 200) == []
    admin.call("post", "/permissions/bulk", 204, body=both)
    assert len(user.call("get", "/devices", 200)) == 2
    assert admin.call("get", "/permissions", 200, query={"userId": u["id"], "deviceId": d["id"]}) == both[:1]
    assert len(admin.call("get", "/permissions", 200, query={"deviceId": d["id"]})) == 2
    user.call("get", "/permissions", 400)
    assert {x["id"] for x in admin.call("get", "/users", 200, query={"deviceId": d["id"]})} == {1, u["id"]}
    admin.call("delete", "/permissions/bulk", 400, body={"userId": u["id"]})
    admin.call("delete", "/permissions/bulk", 204, body=both)
    assert user.call("get", "/devices", 200) == []
    admin.call("delete", "/groups/{id}", 204, id=sub["id"])
    admin.call("delete", "/groups/{id}", 404, id=sub["id"])
    assert admin.call("get", "/devices/{id}", 200, id=d["id"])["groupId"] == 0
    admin.call("delete", "/devices/{id}", 204, id=e["id"])


def what_devices_say(server):
    admin = Documented(server, EMAIL)
    nobody = Documented(server)
    u = admin.call("post", "/users", 200, body={"name": "U", "email": "u@example.org", "password": "secret 1",
                                                "deviceLimit": 0})
    user = Documented(server, "u@example.org", "secret 1")
    d = admin.call("post", "/devices", 200, body={"name": "Van <1>", "uniqueId": IMEI})
    t0 = int(time.time()) - 60
    t = Tcp(server)
    t.send(gt06_login(IMEI) + gt06_location(2, t0, 28.6139, 77.209) + gt06_alarm(3, t0 + 10, 28.614, 77.209) +
           gt06_location(4, t0 + 20, 28.6141, 77.2091) + b"\x78\x78\x05\x01\x00\x01\x00\x00\x0d\x0a")
    until(lambda: len(admin.call("get", "/positions", 200, query={"deviceId": d["id"], "from": FROM, "to": TO})) == 3,
          "three positions are there")
    (latest,) = admin.call("get", "/positions", 200)
    assert latest == admin.call("get", "/positions", 200, query={"deviceId": d["id"]})[0]
    assert latest == admin.call("get", "/positions", 200, query={"id": [latest["id"], 987654321]})[0]
    admin.call("get", "/positions", 404, query={"deviceId": 4711})
    assert user.call("get", "/positions", 400, query={"deviceId": 4711}) == user.call(
        "get", "/positions", 400, query={"deviceId": d["id"]})
    admin.call("get", "/positions", 400, query={"deviceId": d["id"], "from": "then", "to": TO})
    nobody.call("get", "/positions", 401)
    assert user.call("get", "/positions", 200) == []
    assert user.call("get", "/positions", 200, query={"id": latest["id"]}) == []
    for kind, first in (("csv", "id,deviceId,protocol,"), ("gpx", "<?xml"), ("kml", "<?xml")):
        query = {"deviceId": d["id"], "from": FROM, "to": TO}
        text = admin.call("get", "/positions/" + kind, 200, query=query)
        assert text.startswith(first) and "28.6139" in text
        assert kind == "csv" or "Van &lt;1&gt;" in text
        assert admin.answer.headers["Content-Disposition"] == "attachment; filename=positions." + kind
        admin.call("get", "/positions/" + kind, 400, query={"deviceId": d["id"]})
        user.call("get", "/positions/" + kind, 400, query=query)
        admin.call("get", "/positions/" + kind, 404, query=dict(query, deviceId=4711))
    assert len(admin.call("get", "/reports/route", 200, query={"from": FROM, "to": TO})) == 3
    admin.call("get", "/reports/route", 400, query={"from": FROM})
    admin.call("get", "/reports/route", 404, query={"from": FROM, "to": TO, "groupId": 4711})
    assert user.call("get", "/reports/route", 200, query={"from": FROM, "to": TO}) == []

    events = until(lambda: [e for e in admin.call("get", "/reports/events", 200, query={
        "deviceId": d["id"], "from": FROM, "to": TO})][1:], "the events are there")
    assert events == sorted(events, key=lambda e: e["eventTime"])
    alarms = until(lambda: admin.call("get", "/reports/events", 200, query={
        "from": FROM, "to": TO, "type": ["alarm"], "alarm": "sos"}), "the alarm is there")
    assert len(alarms) == 1 and alarms[0]["attributes"]["alarm"] == "sos", alarms
    assert admin.call("get", "/reports/events", 200, query={"from": FROM, "to": TO, "type": "alarm", "alarm": "tow"}) == []
    admin.call("get", "/reports/events", 400, query={"to": TO})
    admin.call("get", "/reports/events", 404, query={"from": FROM, "to": TO, "deviceId": 4711})
    assert admin.call("get", "/events/{id}", 200, id=alarms[0]["id"]) == alarms[0]
    missing = user.call("get", "/events/{id}", 404, id=alarms[0]["id"])
    assert missing == user.call("get", "/events/{id}", 404, id=1)

    frames = admin.call("get", "/frames", 200, query={"deviceId": d["id"], "from": FROM, "to": TO})
    assert [f["message"] for f in frames[-2:]] == ["location", "login"] and len(frames) >= 4, frames
    assert frames[1:2] == admin.call("get", "/frames", 200, query={"uniqueId": IMEI, "limit": 1, "before": frames[0]["id"]})
    user.call("get", "/frames", 400, query={"deviceId": d["id"]})
    assert user.call("get", "/frames", 400, query={"uniqueId": IMEI}) == user.call(
        "get", "/frames", 400, query={"uniqueId": "none"})
    admin.call("get", "/frames", 400)
    admin.call("get", "/frames", 404, query={"deviceId": 4711})
    explained = admin.call("get", "/frames/{id}", 200, id=latest["frameId"])
    assert explained["positions"] == [latest["id"]] and explained["detection"][0]["protocol"] == "gt06"
    assert explained["records"][0]["latitude"] == latest["latitude"]
    assert sum(f["length"] for f in explained["fields"]) == len(explained["hex"]) // 2
    missing = user.call("get", "/frames/{id}", 404, id=latest["frameId"])
    assert missing == user.call("get", "/frames/{id}", 404, id=987654321)

    health = admin.call("get", "/devices/{id}/health", 200, id=d["id"])
    assert health["protocol"] == "gt06" and health["connected"] and health["positions"] == 3
    user.call("get", "/devices/{id}/health", 400, id=d["id"])
    admin.call("get", "/devices/{id}/health", 404, id=4711)
    admin.call("put", "/devices/{id}/accumulators", 204, id=d["id"],
               body={"deviceId": d["id"], "totalDistance": 123456.5, "hours": 3600000})
    until(lambda: admin.call("get", "/positions", 200)[0]["attributes"].get("totalDistance") == 123456.5,
          "the counter is set")
    overview = admin.call("get", "/overview", 200)
    assert overview["devices"] == 1 and overview["connections"]["tcp"] == 1 and overview["positions"] >= 3
    user.call("get", "/overview", 400)
    nobody.call("get", "/overview", 401)
    metrics = admin.call("get", "/metrics", 200)
    assert re.search(r"^milepost_positions_total \d+$", metrics, re.M)
    for line in metrics.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+', line), line
    user.call("get", "/metrics", 400)
    nobody.call("get", "/metrics", 401)
    t.close()


def strangers(server):
    admin = Documented(server, EMAIL)
    admin.call("post", "/users", 200, body={"name": "U", "email": "u@example.org", "password": "secret 1",
                                            "deviceLimit": 0})
    user = Documented(server, "u@example.org", "secret 1")
    t0 = int(time.time()) - 60
    for imei in (STRAY, STRAY2):
        t = Tcp(server)
        t.send(gt06_login(imei) + gt06_location(2, t0, 28.6139, 77.209))
        t.receive(len(ack(1, 1)))
        t.close()
    found = until(lambda: [x for x in admin.call("get", "/unknown", 200) if x["frames"] >= 2][1:] and
                  admin.call("get", "/unknown", 200), "both are seen")
    assert {x["id"] for x in found} == {STRAY, STRAY2}, found
    user.call("get", "/unknown", 400)
    (first, *_) = admin.call("get", "/frames", 200, query={"uniqueId": STRAY})
    assert first["id"] < 0 and first["message"] == "location"
    assert admin.call("get", "/frames/{id}", 200, id=first["id"])["records"][0]["latitude"] == 28.6139
    user.call("get", "/frames", 400, query={"uniqueId": STRAY})
    user.call("get", "/frames/{id}", 404, id=first["id"])
    admin.call("get", "/frames", 200, query={"address": "127.0.0.1"})
    admin.call("delete", "/unknown/{name}", 204, name=STRAY2)
    admin.call("delete", "/unknown/{name}", 404, name=STRAY2)
    admin.call("post", "/unknown/{name}/adopt", 400, name=STRAY, body={})
    d = admin.call("post", "/unknown/{name}/adopt", 200, name=STRAY, body={"name": "Found"})
    assert d["uniqueId"] == STRAY
    until(lambda: admin.call("get", "/positions", 200, query={"deviceId": d["id"], "from": FROM, "to": TO}),
          "its history is there")


def bytes_of_ones_own(server):
    admin = Documented(server, EMAIL)
    login = gt06_login(IMEI).hex()
    said = admin.call("post", "/detect", 200, body={"hex": login})
    assert said["protocol"] == "gt06" and said["candidates"][0]["score"] == 100
    assert admin.call("post", "/detect", 200, body={"hex": "00" * 8}) == {"protocol": None, "candidates": []}
    admin.call("post", "/detect", 400, body={"hex": "7"})
    told = admin.call("post", "/explain", 200, body={"hex": login + login, "protocol": "gt06"})
    assert told["device"] == IMEI and told["frames"] == 2 and told["replies"] == [ack(1, 1).hex()]
    nothing = admin.call("post", "/explain", 200, body={"hex": "00 01", "transport": "tcp"})
    assert nothing["protocol"] is None and nothing["records"] == [] and nothing["fields"] == []
    admin.call("post", "/explain", 400, body={"hex": login, "protocol": "none"})
    admin.call("post", "/explain", 400, body={"protocol": "gt06"})


def demonstration(server):
    admin = Documented(server, EMAIL)
    admin.call("post", "/users", 200, body={"name": "U", "email": "u@example.org", "password": "secret 1"})
    user = Documented(server, "u@example.org", "secret 1")
    user.call("get", "/demo", 400)
    user.call("post", "/demo", 400)
    user.call("delete", "/demo", 400)
    assert admin.call("get", "/demo", 200) == {"running": False, "devices": 0}
    admin.call("post", "/demo", 400, body={"devices": 100000})
    assert admin.call("post", "/demo", 200, body={"devices": 2}) == {"running": True, "devices": 2}
    until(lambda: len(admin.call("get", "/positions", 200)) == 2, "both vehicles drive", 60)
    admin.call("delete", "/demo", 204)
    assert admin.call("get", "/demo", 200)["running"] is False
    assert len(admin.call("get", "/devices", 200)) == 2


def live(server):
    admin = Documented(server, EMAIL)
    nobody = Documented(server)
    assert Socket(server).status == 401
    nobody.call("get", "/socket", 401)
    admin.call("get", "/socket", 426)
    token = admin.call("post", "/session/token", 200)
    d = admin.call("post", "/devices", 200, body={"name": "Van", "uniqueId": IMEI})
    u = admin.call("post", "/users", 200, body={"name": "U", "email": "u@example.org", "password": "secret 1"})
    user = Documented(server, "u@example.org", "secret 1")
    user_token = user.call("post", "/session/token", 200)
    mine = Socket(server, query="?token=" + token)
    theirs = Socket(server, "Authorization: Bearer %s\r\n" % user_token)
    assert mine.status == 101 and theirs.status == 101
    Documented.made.add(("get", "/socket", 101))
    assert mine.frame() == (1, {"positions": []}) and theirs.frame() == (1, {"positions": []})
    t0 = int(time.time()) - 60
    t = Tcp(server)
    t.send(gt06_login(IMEI))
    assert mine.until("devices", lambda x: x["status"] == "online")["id"] == d["id"]
    mine.send('{"logs":true}')
    theirs.send('{"logs":true}')
    mine.send(b"here?", 9)
    until(lambda: mine.frame() == (10, b"here?"), "the pong comes")
    t.send(gt06_location(2, t0, 28.6139, 77.209))
    assert mine.until("positions", lambda p: p["deviceId"] == d["id"])["latitude"] == 28.6139
    t.send(gt06_alarm(3, t0 + 10, 28.614, 77.209))
    mine.until("events", lambda e: e["type"] == "alarm" and e["attributes"]["alarm"] == "sos")
    t.send(gt06_heartbeat(4))
    assert mine.until("logs", lambda l: l["data"] == gt06_heartbeat(4).hex())["deviceId"] == d["id"]
    stray = Tcp(server)
    stray.send(gt06_login(STRAY))
    mine.until("unknown", lambda n: n == 1)
    # The other user has seen nothing of all that, and does from the link on.
    admin.call("post", "/permissions", 204, body={"userId": u["id"], "deviceId": d["id"]})
    first = theirs.frame()[1]
    assert [x["id"] for x in first["devices"]] == [d["id"]] and len(first["positions"]) == 1, first
    admin.call("delete", "/permissions", 204, body={"userId": u["id"], "deviceId": d["id"]})
    assert theirs.until("removed") == d["id"]
    t.send(gt06_location(5, int(time.time()) + 2, 28.6, 77.2))
    mine.until("positions", lambda p: p["latitude"] == 28.6)
    new = user.call("post", "/devices", 200, body={"name": "Own", "uniqueId": "OWN1"})
    assert [x["id"] for x in theirs.frame()[1]["devices"]] == [new["id"]]
    # What is longer than any message is refused; the session's end is the socket's.
    theirs.send("x" * 5000)
    assert theirs.closed()
    admin.call("post", "/session/token/revoke", 204, form={"token": token})
    assert mine.closed()
    t.close()


# ---- what the document cannot say ----

def rules_of_the_house(server):
    nobody, admin = Documented(server), Documented(server, EMAIL)
    base = "http://127.0.0.1:%d" % server.http

    def raw(method, path, body=None, **headers):
        request = urllib.request.Request(base + path, body, {k.replace("_", "-"): v for k, v in headers.items()},
                                         method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as e:
            answer = e
        return answer.status, answer.headers, answer.read()

    # A session made at one place is none at another; an own cookie sends no simple forms.
    form = urllib.parse.urlencode({"email": EMAIL, "password": PASSWORD}).encode()
    status, headers, _ = raw("POST", "/api/session", form, Origin="https://a.example.org")
    cookie = headers["Set-Cookie"].split(";")[0]
    assert raw("GET", "/api/session", Cookie=cookie, Origin="https://a.example.org")[0] == 200
    assert raw("GET", "/api/session", Cookie=cookie, Origin="https://b.example.org")[0] == 404
    assert raw("GET", "/api/session", Cookie=cookie)[0] == 200
    admin.call("put", "/server", 200, body=put_back(admin.call("get", "/server", 200), registration=True))
    status, _, text = raw("POST", "/api/users", b'{"name":"M","email":"m@x.org","password":"secret 1","administrator":true}',
                          Cookie=cookie, Origin="https://b.example.org", Content_Type="application/json")
    assert status == 400 and b"administrator" in text, text
    device = b'{"name":"N","uniqueId":"N1"}'
    assert raw("POST", "/api/devices", device, Cookie=cookie, Content_Type="text/plain")[0] == 415
    assert raw("POST", "/api/devices", device, Cookie=cookie, Content_Type="application/json")[0] == 200
    status, headers, _ = raw("POST", "/api/session", form)
    cookie = headers["Set-Cookie"].split(";")[0]
    assert raw("GET", "/api/session", Cookie=cookie, Origin=base)[0] == 200
    assert raw("GET", "/api/session", Cookie=cookie, Origin="https://b.example.org")[0] == 404
    assert raw("POST", "/api/session", form, Sec_Fetch_Site="cross-site")[0] == 403
    # A browser is asked for a password only where it wants a page.
    wrong = base64.b64encode(b"a:b").decode()
    assert raw("GET", "/api/devices", Authorization="Basic " + wrong)[1]["WWW-Authenticate"] is None
    assert raw("GET", "/api/devices", Accept="text/html")[1]["WWW-Authenticate"] == 'Basic realm="api"'
    assert raw("GET", "/api/server", Authorization="Bearer nonsense")[0] == 401
    assert raw("OPTIONS", "/api/devices", Origin="https://b.example.org")[1]["Access-Control-Allow-Origin"] is None
    assert raw("GET", "/api/server")[1]["Access-Control-Allow-Origin"] == "*"
    # Hostile requests.
    assert raw("GET", "/api/devices?" + "&".join("id=%d" % i for i in range(5000)))[0] == 400
    assert raw("GET", "/api/devices/99999999999999999999")[0] == 404
    assert raw("GET", "/api/%00")[0] == 400 and raw("GET", "/api/%zz")[0] == 400
    assert raw("POST", "/api/session", b"email=" + b"x" * 100000)[0] == 413
    admin.call("post", "/devices", 400, body={"name": "a\r\nb", "uniqueId": "X"})
    admin.call("post", "/devices", 400, body={"name": "a", "uniqueId": "X", "groupId": 2 ** 62})
    deep = ('{"name":"n","uniqueId":"x","attributes":' + '{"a":' * 40 + "1" + "}" * 40 + "}").encode()
    status = raw("POST", "/api/devices", deep, Content_Type="application/json", **admin.headers)[0]
    assert status == 400
    for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fserver.log", "/.git/config"):
        assert raw("GET", path)[0] == 404, path
    # The app: its page for its own paths, never for the API or for files.
    status, headers, page = raw("GET", "/devices/7", Accept="text/html")
    assert status == 200 and headers["Content-Type"].startswith("text/html") and b"<html" in page
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert raw("GET", "/nothing.js", Accept="text/html")[0] == 404
    assert raw("GET", "/api/nothing", Accept="text/html")[0] == 404
    assert raw("HEAD", "/")[2] == b""
    # Guessing gets slow, for the account from anywhere; who is known from his address is let in.
    began = time.monotonic()
    for _ in range(6):
        nobody.call("post", "/session", 401, form={"email": "nobody@example.org", "password": "x"})
    assert time.monotonic() - began > 2, "guessing is too fast"
    began = time.monotonic()
    admin.call("get", "/session", 200)
    assert time.monotonic() - began < 1


def everything_was_called():
    """Each documented answer but those that only a failing machine gives."""
    missing = []
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                missing += ["%s %s: %s" % (method, path, status) for status in operation["responses"]
                            if (method, path, int(status)) not in Documented.made]
    return missing


if __name__ == "__main__":
    cases = [session_and_tokens, server_settings, users, groups_devices_permissions, what_devices_say,
             strangers, bytes_of_ones_own, demonstration, live, rules_of_the_house]
    if len(sys.argv) > 2:
        cases = [c for c in cases if c.__name__ in sys.argv[2:]]
        sys.exit(0 if run(cases, sys.argv[1]) else 1)
    ok = run(cases, sys.argv[1])
    missing = everything_was_called()
    for line in missing:
        print("documented, and never seen: " + line)
    print("%d passed, %d failed" % (len(cases) if ok else 0, len(missing) + (not ok)))
    sys.exit(0 if ok and not missing else 1)

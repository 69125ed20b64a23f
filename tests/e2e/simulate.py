#!/usr/bin/env python3
"""`milepost simulate` against a real server: what its fleet reports is what people see."""
import re, subprocess, sys

import harness
from harness import *

BINARY = sys.argv[1]


def simulate(server, *flags):
    return subprocess.Popen([BINARY, "simulate", "--to", "127.0.0.1:%d" % server.port, *flags],
                            stderr=subprocess.PIPE, text=True)


def finish(process):
    """The totals that it ends with."""
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    m = re.search(r"frames sent (\d+); reports made (\d+), acknowledged (\d+), stored (\d+), "
                  r"waiting (\d+), dropped (\d+)", said)
    assert m, said
    names = ("frames", "made", "acknowledged", "stored", "waiting", "dropped")
    return dict(zip(names, map(int, m.groups())))


def register(client, *flags):
    """The fleet as --list prints it; ids by number of the vehicle."""
    listed = subprocess.run([BINARY, "simulate", "--list", *flags], capture_output=True,
                            text=True, check=True).stdout.splitlines()
    ids = []
    for line in listed:
        unique_id, name, model, category = line.split("\t")
        ids.append(client.post("/api/devices", {"uniqueId": unique_id, "name": name,
                                                "model": model, "category": category})["id"])
    return ids


def history(client, device_id):
    return client.get("/api/positions", deviceId=device_id,
                      **{"from": "2020-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z"})


def places(client, device_id):
    return [p for p in history(client, device_id) if not p["outdated"]]


def a_fleet_and_its_last_hour(server):
    c = Client(server)
    ids = register(c)
    assert len(ids) == 6
    t = finish(simulate(server, "--history", "1", "--interval", "5", "--events", "none",
                        "--duration", "8"))
    assert t["waiting"] == 0 and t["dropped"] == 0 and t["acknowledged"] >= t["made"], t
    found = [places(c, i) for i in ids]
    assert sum(map(len, found)) == t["made"] > 2000, (list(map(len, found)), t)
    assert {p["protocol"] for f in found for p in f} == {"gt06", "ais140"}
    for f in found:
        times = [p["fixTime"] for p in f]
        assert times == sorted(times), times
        assert any(p["attributes"].get("archive") for p in f)
        assert {p["attributes"]["ignition"] for p in f} <= {True, False}
    live = [p for f in found for p in f if not p["attributes"].get("archive")]
    assert 0 < len(live) < t["made"] / 10, len(live)


SCRIPT = """
at vehicle %d
1 ignition on
1 battery low
2 door open
3 door close
4 panic press
5 impact
6 move 78
7 panic release
8 power cut
9 power restore
10 tamper
11 tamper over
12 harsh turn left
13 fence in
14 fence out
16 overspeed
30 harsh accelerate
32 harsh brake
34 stop
"""
ALARMS = {"sos", "powerCut", "tampering", "hardAcceleration", "hardCornering", "accident",
          "geofenceEnter", "geofenceExit", "overspeed", "hardBraking", "lowBattery"}


def every_event_of_a_script(server):
    c = Client(server)
    ids = register(c, "--devices", "4")
    path = os.path.join(server.data, "script")
    with open(path, "w") as f:
        f.write(SCRIPT % 1 + SCRIPT % 4)   # a car with either firmware
    t = finish(simulate(server, "--devices", "4", "--script", path, "--duration", "37",
                        "--interval", "5", "--transport", "tcp"))
    assert t["waiting"] == 0, t
    for i in ids[0], ids[3]:
        found = history(c, i)
        alarms = {a for p in found for a in p["attributes"].get("alarm", "").split(",") if a}
        assert ALARMS <= alarms, (i, ALARMS - alarms)
        assert "jamming" not in alarms, "the model tells what code 30 means"
        ignitions = [p["attributes"]["ignition"] for p in found if "ignition" in p["attributes"]]
        assert True in ignitions and False in ignitions
    doors = [p["attributes"]["door"] for p in history(c, ids[0]) if "door" in p["attributes"]]
    assert True in doors and doors[-1] is False, doors


def a_server_that_dies_on_the_road(server):
    c = Client(server)
    ids = register(c, "--devices", "2")
    path = os.path.join(server.data, "script")
    with open(path, "w") as f:
        f.write("at vehicle all\n1 move 40\n")
    run = simulate(server, "--devices", "2", "--script", path, "--duration", "26",
                   "--interval", "1", "--transport", "tcp")
    until(lambda: all(len(history(c, i)) > 5 for i in ids), "both are on the road")
    server.kill()
    time.sleep(3)
    ports = iter((server.port, server.http))
    free_port = harness.free_port
    harness.free_port = lambda: next(ports)
    server.start()
    harness.free_port = free_port
    t = finish(run)
    assert t["waiting"] == 0 and t["dropped"] == 0 and t["stored"] > 4, t
    c = Client(server)
    found = [places(c, i) for i in ids]
    keys = [(p["deviceId"], p["fixTime"], p["latitude"], p["longitude"],
             p["attributes"].get("event") if p["protocol"] == "gt06" else
             p["attributes"]["index"]) for f in found for p in f]
    assert len(keys) == len(set(keys)), "one position for each report"
    assert len(keys) == t["made"], (len(keys), t)


def one_signal_ends_it(server):
    run = simulate(server, "--devices", "50", "--quiet")
    time.sleep(2)
    run.send_signal(signal.SIGINT)
    t = finish(run)
    assert t["frames"] > 50, t


def what_a_server_takes(server):
    for protocol in "gt06", "ais140":
        said = subprocess.run([BINARY, "simulate", "--load", "--to", "127.0.0.1:%d" % server.port,
                               "--protocol", protocol, "--transport", "tcp", "--connections",
                               "4", "--rate", "500", "--count", "1000"],
                              stderr=subprocess.PIPE, text=True, timeout=60)
        assert said.returncode == 0, said.stderr
        assert "frames sent 1000 in" in said.stderr and "broken 0" in said.stderr, said.stderr


if __name__ == "__main__":
    sys.exit(0 if run([a_fleet_and_its_last_hour, every_event_of_a_script,
                       a_server_that_dies_on_the_road, one_signal_ends_it,
                       what_a_server_takes], BINARY) else 1)

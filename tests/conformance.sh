#!/bin/sh
# Recorded frames with known meaning, against what we make of them.  Each line of the
# table below is a protocol and the least percentages that must hold.
cd "$(dirname "$0")/.." || exit 1
python3 - "$1" <<'PY'
import json, subprocess, sys

LEAST = {  # detect, device, core, attrs, exact, reply
    "gt06": (100, 99, 98, 97, 93, 95),
    "ais140": (100, 99, 98, 97, 93, 95),
}
out = subprocess.run(["../shared/conformance/score", "--bin", sys.argv[1], "--json",
                      "--only", ",".join(LEAST)], capture_output=True, text=True)
if out.returncode:
    sys.exit(out.stderr)
stats = json.loads(out.stdout)["protocols"]
passed = failed = 0
for name, least in LEAST.items():
    s = stats[name]
    share = lambda x, n: 100.0 * s[x] / s[n] if s[n] else 100.0
    got = (share("detect", "frames_all"), share("device", "frames"), share("core", "frames"),
           share("attr_ok", "attr_n"), share("exact", "frames"), share("reply", "reply_n"))
    for what, have, want in zip(("detect", "device", "core", "attrs", "exact", "reply"), got, least):
        ok = have >= want
        passed += ok
        failed += not ok
        print("%-8s %-7s %6.2f >= %d%s" % (name, what, have, want, "" if ok else "  FAILED"))
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
PY

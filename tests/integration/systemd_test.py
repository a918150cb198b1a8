#!/usr/bin/env python3
"""The unit under which the guard runs.

    systemd_test.py [words of a claim]"""
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import BUILD, ROOT, Skip, case, directory, equal, finish

UNIT = ROOT / "configs/systemd/readback.service"
MOST_EXPOSED = 15  # tenths: systemd calls what is below 2.0 "OK"


def analyze(*arguments, text=None):
    """What systemd-analyze says of the unit, in which the build's guard is the installed one."""
    if not shutil.which("systemd-analyze"):
        raise Skip("systemd-analyze is not installed")
    path = directory() / "readback.service"
    path.write_text((text or UNIT.read_text()).replace("/usr/bin/guard", str(BUILD / "guard/guard")))
    done = subprocess.run(["systemd-analyze", *arguments, str(path)], text=True,
                          capture_output=True, timeout=60)
    said = done.stdout + done.stderr
    if "Failed to" in said and "Operation not permitted" in said:
        raise Skip("systemd-analyze may not look here")
    return done.returncode, said


@case("systemd takes the unit, and refuses it where it is wrong")
def _():
    status, said = analyze("verify")
    equal((status, said), (0, ""))
    _, said = analyze("verify", text=UNIT.read_text().replace("RestartSec=1", "RestartSec=soon"))
    assert "soon" in said, said


@case("systemd holds the unit for hardened")
def _():
    threshold = f"--threshold={MOST_EXPOSED}"
    status, said = analyze("security", "--offline=true", threshold)
    equal(status, 0, said)
    open_unit = re.sub(r"^(Protect|Restrict|SystemCall)\S+$", "", UNIT.read_text(), flags=re.M)
    status, said = analyze("security", "--offline=true", threshold, text=open_unit)
    assert status != 0, said


@case("a config that is wrong is not tried again and again")
def _():
    header = (ROOT / "guard/command/exit_code.h").read_text()
    wrong = re.search(r"kConfigInvalid = (\d+)", header)[1]
    assert f"RestartPreventExitStatus={wrong}\n" in UNIT.read_text()


finish()

"""The session of an installed package, really lived in a clean root: shown, killed, started again, ended.

The script is that of the package, under `cage` in a virtual display; what the service manager would be told
is written down. The unit itself needs a machine that boots.
"""

from __future__ import annotations

from array import array
from pathlib import Path

from installer.package.clean_root import USED, CleanRoot
from installer.steps import StepFailedError

HOME = "/var/lib/photo-kiosk"
AS_KIOSK = f"setpriv --reuid kiosk --regid kiosk --init-groups env HOME={HOME} KIOSK_HOME={HOME}"
SCREEN = """rm -f /tmp/.X7-lock /tmp/.X11-unix/X7  # of the step before, whose processes are gone
            Xvfb :7 -screen 0 1080x1920x24 -nolisten tcp -fbdir /tmp >/dev/null 2>&1 & sleep 2"""
"""A virtual display, :7, whose picture is /tmp/Xvfb_screen0."""
_COLOURS_OF_A_PAGE = 50
_RECOMMENDED = ("cage", "xwayland", "socat")
"""What the package recommends for the session, and the ear of the service manager."""
_UNITS = "/usr/lib/systemd/system/photo-kiosk*"
_LIFE = f"""
{SCREEN}
rm -rf /walk /run/notify
mkdir /walk
printf '#!/bin/sh\\nDISPLAY=:7 WLR_BACKENDS=x11 exec /usr/bin/cage "$@"\\n' >/walk/cage
chmod 755 /walk/cage
install -d -o kiosk -g kiosk -m 700 /run/photo-kiosk
: >/told
socat -u UNIX-RECV:/run/notify,mode=666 OPEN:/told,append &
screen() {{
    for process in /proc/[0-9]*; do
        if tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q '^/opt/photo-kiosk/kiosk run'; then
            echo "${{process#/proc/}}"
        fi
    done
}}
until_told() {{
    tries=0
    until [ "$(grep -o "$1" /told | wc -l)" -ge "$2" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 1200 ]; then cat /session.log; exit 9; fi
        sleep 0.05
    done
}}
since() {{ echo "$1 $((($(date +%s%N) - $2) / 1000000))"; }}

began=$(date +%s%N)
{AS_KIOSK} KIOSK_HOME="$SHOWN" NOTIFY_SOCKET=/run/notify PATH="/walk:$PATH" \\
    XDG_RUNTIME_DIR=/run/photo-kiosk RUNTIME_DIRECTORY=/run/photo-kiosk \\
    /opt/photo-kiosk/photo-kiosk-session.sh >/session.log 2>&1 &
session=$!
until_told READY=1 1
since shown "$began"
sleep 8
cp /tmp/Xvfb_screen0 /session.xwd

began=$(date +%s%N)
kill -9 $(screen)
until_told STATUS=serves 2
since again "$began"
began=$(date +%s%N)
kill -TERM "$session"
wait "$session" || {{ echo "the session ended with $?"; cat /session.log; exit 9; }}
since ended "$began"
if [ -n "$(screen)" ]; then echo "the screen is left"; exit 9; fi
rm -r /walk /run/photo-kiosk
"""


def live_session(root: CleanRoot, home: str) -> str:
    """The whole life of a session on the kiosk in `home`. Returns how long each part of it took. Raises
    StepFailedError at the first part that is not as it should be."""
    root.run(f"apt-get install -y --no-install-recommends {' '.join(_RECOMMENDED)}", may_reach_out=True)
    root.run(f"systemd-analyze verify --man=no {_UNITS}")
    told = root.run(f"SHOWN={home}\n{_LIFE}", longest_s=300)
    colours_of(USED / "session.xwd")
    took = {words[0]: int(words[1]) for line in told.splitlines() if len(words := line.split()) == 2}
    return ", ".join(f"{what} {milliseconds / 1000:.1f} s" for what, milliseconds in took.items())


def colours_of(picture: Path) -> int:
    """How many there are in the middle of a picture as X writes it. Raises StepFailedError where so few that
    there is no page on it."""
    data = picture.read_bytes()
    found = len(set(array("I", data[len(data) // 4 & ~3 : len(data) // 4 * 3 & ~3])))
    if found < _COLOURS_OF_A_PAGE:
        raise StepFailedError.because("Walk", f"the screen has {found} colours", f"Look at {picture}.")
    return found

#!/bin/sh
# Applies what is staged, as root: started by photo-kiosk-update.service, and with "--recover" while the machine
# comes up. Where the program itself cannot even run any more in the middle of an update, the package before is
# put back from here, and the program of before brings the rest to its end.
program=${PHOTO_KIOSK_PROGRAM:-/opt/photo-kiosk/kiosk}
packages=${PHOTO_KIOSK_PACKAGES:-/var/lib/photo-kiosk-packages}
dpkg=${PHOTO_KIOSK_DPKG:-dpkg}

"$program" update apply "$@"
code=$?
# 0: done or nothing to do, 2: a known error, which the journal holds and the next start goes on from
if [ "$code" -eq 0 ] || [ "$code" -eq 2 ] || [ ! -s "$packages/way-back" ]; then
    exit "$code"
fi
echo "the program ended with $code in the middle of an update: the package before is put back" >&2
: >"$packages/took-way-back"
sync
PHOTO_KIOSK_UPDATE=1 $dpkg --force-confold --force-confdef --install "$(cat "$packages/way-back")" || exit 1
exec "$program" update apply "$@"

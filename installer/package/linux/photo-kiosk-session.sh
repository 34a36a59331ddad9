#!/bin/sh
# The kiosk on a display of its own: `cage` (Wayland) where there is one, else a bare X server. Started by
# photo-kiosk.service; inside the display it starts itself once more ("inside").
#
# Neither knows another program, and neither changes the console: cage without -s, X with -dontvtswitch.
# /etc/default/photo-kiosk may say KIOSK_TURN=left|right|over for a monitor that stands upright, KIOSK_SOFTWARE=1
# to draw without a graphics card, KIOSK_DISPLAY=x where cage is there and not wanted.
#
# Exit status: that of `kiosk session`, 0 when a technician ended it; 1 when the display is gone.
set -u

PROGRAM=${KIOSK_PROGRAM:-/opt/photo-kiosk/kiosk}
FOLDER=${RUNTIME_DIRECTORY:-${XDG_RUNTIME_DIR:-/tmp}}
TURN=${KIOSK_TURN:-}

inside() {
    if [ -n "${WAYLAND_DISPLAY:-}" ]; then
        export QT_QPA_PLATFORM=wayland QT_WAYLAND_DISABLE_WINDOWDECORATION=1
        turn_wayland
    else
        export QT_QPA_PLATFORM=xcb
        xset s off s noblank -dpms 2>/dev/null
        case "$TURN" in left | right) xrandr -o "$TURN" ;; over) xrandr -o inverted ;; esac
    fi
    "$PROGRAM" session &
    echo $! >"$FOLDER/session.pid"
    wait $!
    status=$?
    echo "$status" >"$FOLDER/session.status"
    exit "$status"
}

turn_wayland() {
    cage -h 2>&1 | grep -q '^ -r' && return # it is turned already
    case "$TURN" in left) angle=270 ;; right) angle=90 ;; over) angle=180 ;; *) return ;; esac
    command -v wlr-randr >/dev/null || return
    for output in $(wlr-randr | sed -n 's/^\([^ ]\{1,\}\) .*/\1/p'); do
        wlr-randr --output "$output" --transform "$angle"
    done
}

end() {
    if [ -s "$FOLDER/session.pid" ]; then
        kill -TERM "$(cat "$FOLDER/session.pid")" 2>/dev/null
    elif [ -n "${display:-}" ]; then
        kill -TERM "$display"
    fi
}

if [ "${1:-}" = inside ]; then
    inside
fi

rm -f "$FOLDER/session.pid" "$FOLDER/session.status"
unset DISPLAY WAYLAND_DISPLAY
if ! ls /dev/dri/renderD* >/dev/null 2>&1; then
    export KIOSK_SOFTWARE=1 WLR_RENDERER=pixman LIBGL_ALWAYS_SOFTWARE=1
fi
trap end TERM INT HUP
# cage does not start without Xwayland, which nothing uses, and which Debian's does not ask for.
if [ "${KIOSK_DISPLAY:-}" != x ] && command -v cage >/dev/null && command -v Xwayland >/dev/null; then
    # A machine whose keyboard and mouse were taken away starts all the same.
    export XDG_SESSION_TYPE=wayland WLR_LIBINPUT_NO_DEVICES=1
    set --
    if cage -h 2>&1 | grep -q '^ -r'; then # up to 0.1; later ones leave it to wlr-randr
        case "$TURN" in right) set -- -r ;; over) set -- -r -r ;; left) set -- -r -r -r ;; esac
    fi
    cage "$@" -- "$0" inside &
else
    export XDG_SESSION_TYPE=x11
    xinit "$0" inside -- vt1 -keeptty -nolisten tcp -dontvtswitch -s 0 -dpms &
fi
display=$!
while kill -0 "$display" 2>/dev/null; do
    wait "$display"
done
if [ -s "$FOLDER/session.status" ]; then
    exit "$(cat "$FOLDER/session.status")"
fi
exit 1

"""The RTSP server's own program, under the system's Python: what to serve is JSON in its first argument.

Each film is served by the clock: picture n goes out n / fps seconds after the server's beginning, over and
over, so that a number drawn into a picture tells when it was sent.
"""

import json
import struct
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

BALL = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1"
    " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 )"
)
FILM = (
    "( appsrc name=film is-live=true format=time"
    " caps=video/x-h264,stream-format=byte-stream,alignment=au"
    " ! h264parse ! rtph264pay name=pay0 )"
)
LATE_S = 0.5


class Film:
    """Encoded pictures, each with whether it stands by itself."""

    def __init__(self, path, fps):
        self.fps = fps
        self.pictures = []
        with open(path, "rb") as file:  # noqa: PTH123 - the system's Python may be old
            while head := file.read(5):
                size, is_key = struct.unpack(">I?", head)
                self.pictures.append((file.read(size), is_key))

    def play(self, source, began_s, is_over):
        """Pushes each picture when it is due. Begins, and goes on after a pause, with one that is whole."""
        while not source.get_base_time():  # the media does not play yet
            if is_over.wait(0.005):
                return
        number, needs_key = int((time.monotonic() - began_s) * self.fps), True
        while not is_over.is_set():
            data, is_key = self.pictures[number % len(self.pictures)]
            late_s = time.monotonic() - began_s - number / self.fps
            if late_s > LATE_S:
                number, needs_key = number + int(late_s * self.fps), True
                continue
            if late_s < 0:
                time.sleep(-late_s)
            needs_key = needs_key and not is_key
            if not needs_key and not push(source, data, began_s + number / self.fps):
                return
            number += 1


def push(source, data, due_s):
    """Hands a picture over, with the time at which it is due as its own; whether anybody takes it."""
    picture = Gst.Buffer.new_wrapped(data)
    picture.pts = max(0, int(due_s * Gst.SECOND) - source.get_base_time())
    return source.emit("push-buffer", picture) == Gst.FlowReturn.OK


def film_factory(film, began_s):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(FILM)

    def begin(_factory, media):
        is_over = threading.Event()
        media.connect("unprepared", lambda _media: is_over.set())
        source = media.get_element().get_by_name_recurse_up("film")
        threading.Thread(target=film.play, args=(source, began_s, is_over), daemon=True).start()

    factory.connect("media-configure", begin)
    return factory


def let_in_only(server, factories, user, password, is_digest):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "guard")
    if is_digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    for factory in factories:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("guard", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
        permissions.add_permission_for_role("guard", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
        factory.set_permissions(permissions)
    server.set_auth(auth)


def main():
    wanted = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wanted["port"]))
    ball = GstRtspServer.RTSPMediaFactory()
    ball.set_launch(BALL)
    factories = {"/stream": ball}
    for path, film in wanted["films"].items():
        factories[path] = film_factory(Film(film["file"], film["fps"]), wanted["began_s"])
    for path, factory in factories.items():
        factory.set_shared(True)
        server.get_mount_points().add_factory(path, factory)
    if wanted["user"]:
        let_in_only(server, factories.values(), wanted["user"], wanted["password"], wanted["is_digest"])
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


main()

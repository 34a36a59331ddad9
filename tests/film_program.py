"""Encodes a film, under the system's Python: raw pictures come on standard input, H.264 pictures go out, each
behind its size and whether it stands by itself."""

import struct
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gst, GstApp  # noqa: E402, F401 - GstApp gives appsink its methods

ENCODE = (
    "fdsrc fd=0 blocksize={size} ! rawvideoparse format=bgr width={width} height={height} framerate={fps}/1"
    " ! videoconvert ! video/x-raw,format=I420"
    " ! x264enc tune=zerolatency speed-preset=veryfast key-int-max={fps} bitrate={kbit}"
    " ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=out sync=false max-buffers=8"
)


def main():
    width, height, fps, kbit = map(int, sys.argv[1:])
    Gst.init(None)
    size = width * height * 3
    pipeline = Gst.parse_launch(ENCODE.format(size=size, width=width, height=height, fps=fps, kbit=kbit))
    out = pipeline.get_by_name("out")
    pipeline.set_state(Gst.State.PLAYING)
    while (sample := out.pull_sample()) is not None:
        picture = sample.get_buffer()
        is_key = not picture.has_flags(Gst.BufferFlags.DELTA_UNIT)
        data = picture.extract_dup(0, picture.get_size())
        sys.stdout.buffer.write(struct.pack(">I?", len(data), is_key) + data)
    pipeline.set_state(Gst.State.NULL)


main()

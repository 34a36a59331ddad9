"""Other recognition software, measured beside the project in one run; never part of the product."""

from kiosk.benchmarks.peers.dlib_peer import open_dlib
from kiosk.benchmarks.peers.insightface_peer import open_face_analysis
from kiosk.benchmarks.peers.types import FacePeer, PeerFace

__all__ = ["FacePeer", "PeerFace", "open_dlib", "open_face_analysis"]

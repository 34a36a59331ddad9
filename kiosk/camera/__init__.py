"""Frames: webcam, RTSP, video clip, folder of pictures, and the slot that keeps the newest.

Whoever opens a Qt window after importing this calls `kiosk.runtime.environment.clean_qt_environment` first:
importing `cv2` points Qt at plugins of its own.
"""

"""Frames: webcam, RTSP, video clip, folder of pictures, and the slot that keeps the newest."""

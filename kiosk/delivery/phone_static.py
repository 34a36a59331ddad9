"""Style and fonts of the phone page, served by the kiosk itself: a phone needs nothing from anywhere else."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kiosk.paths import resources_folder

_STATIC = Path(__file__).parent / "static"
_WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold"}
_CACHE = {"Cache-Control": "public, max-age=86400"}


def add_static_files(app: FastAPI) -> None:
    """Adds `/static/…` for the style, the icon and those fonts that ship with the kiosk."""
    fonts = _fonts()
    style = "".join(_font_face(weight) for weight in fonts) + (_STATIC / "phone.css").read_text("utf-8")
    icon = (_STATIC / "icon.svg").read_bytes()

    def phone_css() -> Response:
        return Response(style, media_type="text/css", headers=_CACHE)

    def icon_svg() -> Response:
        return Response(icon, media_type="image/svg+xml", headers=_CACHE)

    def font(weight: int) -> Response:
        if weight not in fonts:
            raise HTTPException(404)
        return Response(fonts[weight].read_bytes(), media_type="font/ttf", headers=_CACHE)

    app.add_api_route("/static/phone.css", phone_css, response_model=None)
    app.add_api_route("/static/icon.svg", icon_svg, response_model=None)
    app.add_api_route("/static/fonts/{weight:int}.ttf", font, response_model=None)


def _fonts() -> dict[int, Path]:
    """Font files by weight; without them the phone's own font is used."""
    found: dict[int, Path] = {}
    for weight, name in _WEIGHTS.items():
        files = (resources_folder() / "fonts").rglob(f"IBMPlexSansThai[-_]*{name}.ttf")
        for file in sorted(files):
            found.setdefault(weight, file)
    return found


def _font_face(weight: int) -> str:
    return (
        f'@font-face{{font-family:"IBM Plex Sans Thai";font-weight:{weight};font-display:swap;'
        f'src:url("/static/fonts/{weight}.ttf") format("truetype")}}\n'
    )

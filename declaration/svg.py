"""The few parts of SVG that the pictures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape


def text(x: int, y: int, words: str, style: str) -> str:
    """Words in a style, with the left end of their base line at a point."""
    return f'<text class="{style}" x="{x}" y="{y}">{escape(words)}</text>'


def document(width: int, height: int, style: str, body: Sequence[str], definitions: str = "") -> str:
    """An SVG document on white."""
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            f"<style>{style}</style>",
            *([definitions] if definitions else []),
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *body,
            "</svg>",
            "",
        ]
    )

"""Draws rows times rules a second by the number of rows, as SVG with logarithmic axes."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 76, 200, 46, 56
COLOURS = ("#a52f1f", "#173a52", "#b8860b", "#4f7a5b", "#6b4f7a")


def write_plot(series: Mapping[str, Sequence[tuple[int, float]]], file: Path) -> None:
    """Write the picture of series of (rows, rate)."""
    sizes = sorted({size for points in series.values() for size, _ in points})
    rates = [rate for points in series.values() for _, rate in points]
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: float) -> float:
        return LEFT + (math.log10(size) - first) / max(last - first, 1) * (WIDTH - LEFT - RIGHT)

    def y(rate: float) -> float:
        part = (math.log10(rate) - low) / max(high - low, 1)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    parts = [_text(LEFT, 26, "Rows times rules a second", size=15)]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts += [_line(LEFT, at, WIDTH - RIGHT, at), _text(LEFT - 8, at + 4, f"10^{power}", "end")]
    for size in sizes:
        parts += [
            _line(x(size), TOP, x(size), HEIGHT - BOTTOM),
            _text(x(size), HEIGHT - BOTTOM + 20, f"{size:,}", "middle"),
        ]
    for i, (name, points) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        places = [(x(size), y(rate)) for size, rate in points]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
        at = TOP + 20 * i
        left = WIDTH - RIGHT + 14
        parts += [_line(left, at, left + 22, at, colour), _text(left + 28, at + 4, name, size=11)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
    head += 'font-family="sans-serif" font-size="12">'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbf7ee"/>'
    file.write_text("\n".join([head, ground, *parts, "</svg>"]) + "\n", encoding="utf-8")


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "#e2d8c6") -> str:
    width = "" if colour == "#e2d8c6" else ' stroke-width="2"'
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}"{width}/>'


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="#1f1d1a">{escape(words)}</text>'
    )

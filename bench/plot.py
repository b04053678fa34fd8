"""Draws the growth as SVG: logarithmic axes, one line a series, readable in light and dark."""

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from bench.growth import Grown

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 76, 190, 46, 56
SERIES: Sequence[tuple[str, str, str, Callable[[Grown], float | None]]] = (
    ("Longmai, proof p50", "#a52f1f", "", lambda g: g.p50["Longmai"]),
    ("Longmai, proof p99", "#a52f1f", "6 4", lambda g: g.p99["Longmai"]),
    ("Longmai, verification p50", "#b8860b", "", lambda g: g.verified_p50),
    ("pymerkle, proof p50", "#173a52", "", lambda g: g.p50["pymerkle"]),
    ("pymerkle, proof p99", "#173a52", "6 4", lambda g: g.p99["pymerkle"]),
    ("tlog-scales, proof p50", "#4f7a5b", "", lambda g: g.p50["tlog-scales"]),
    ("tlog-scales, proof p99", "#4f7a5b", "6 4", lambda g: g.p99["tlog-scales"]),
)


def write_plot(grown: Sequence[Grown], file: Path) -> None:
    """Write the picture."""
    values = [v for g in grown for *_, of in SERIES if (v := of(g)) is not None]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(grown[0].size), math.log10(grown[-1].size)

    def x(size: float) -> float:
        span = max(last - first, 1)
        return LEFT + (math.log10(size) - first) / span * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [*_frame(grown, x, y, low, high)]
    ends: list[tuple[float, str, str, str]] = []
    for name, colour, dash, of in SERIES:
        points = [(x(g.size), y(v)) for g in grown if (v := of(g)) is not None]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
        parts += [
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points
        ]
        ends.append((points[-1][1], name, colour, dash))
    parts += _legend(ends)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
    head += 'font-family="sans-serif" font-size="12">'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbf7ee"/>'
    file.write_text("\n".join([head, ground, *parts, "</svg>"]) + "\n", encoding="utf-8")


def _frame(
    grown: Sequence[Grown],
    x: Callable[[float], float],
    y: Callable[[float], float],
    low: int,
    high: int,
) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [_text(LEFT, 26, "Milliseconds a proof, by size of the log", "start", 15)]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(
            f'<line x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" stroke="#e2d8c6"/>'
        )
        parts.append(_text(LEFT - 8, at + 4, f"{10.0**power:g} ms", "end"))
    for each in grown:
        at = x(each.size)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{bottom}" stroke="#e2d8c6"/>'
        )
        parts.append(_text(at, bottom + 20, f"{each.size:,}", "middle"))
    parts.append(_text((LEFT + right) / 2, HEIGHT - 12, "records in the log", "middle"))
    return parts


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#e2d8c6"/>'


def _legend(ends: Sequence[tuple[float, str, str, str]]) -> list[str]:
    parts, at = [], float(TOP)
    for _, name, colour, dash in sorted(ends):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        left = WIDTH - RIGHT + 14
        parts.append(
            f'<line x1="{left}" x2="{left + 22}" y1="{at:.1f}" y2="{at:.1f}" stroke="{colour}" '
            f'stroke-width="2"{dashes}/>'
        )
        parts.append(_text(left + 28, at + 4, name, "start", 11))
        at += 20
    return parts


def _text(x: float, y: float, words: str, anchor: str, size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="#1f1d1a">{escape(words)}</text>'
    )

"""Draws what tests/docker/test_hosts.py measured: `python -m tests.docker.course_picture COURSE.json OUT.svg`."""

import itertools
import json
import sys
from pathlib import Path

WIDTH, LEFT, ROW, BAR = 960, 110, 64, 22
ROWS = {"render1": "render1", "render2": "render2 (clock +90 s)", "train1": "train1"}


def draw(course: dict) -> str:
    """An SVG with a row a host: how many runs lived there, and what was done to it."""
    last = max(time for time, *_ in course["done"])
    scale = (WIDTH - LEFT - 30) / last
    height = 40 + ROW * len(ROWS) + 30
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
    parts = [f'{head}font-size="12">', f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    for number, name in enumerate(ROWS):
        parts += _row(course, name, 40 + ROW * number, scale)
    for second in range(0, int(last) + 1, 20):
        x = LEFT + second * scale
        parts.append(
            f'<text x="{x:.1f}" y="{height - 10}" text-anchor="middle" fill="#555">{second} s</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(course: dict, name: str, y: int, scale: float) -> list[str]:
    title, _, note = ROWS[name].partition(" ")
    parts = [
        f'<text x="8" y="{y + 15}" font-weight="bold">{title}</text><text x="8" y="{y + 30}">{note}</text>',
        f'<line x1="{LEFT}" y1="{y + BAR}" x2="{WIDTH - 30}" y2="{y + BAR}" stroke="#bbb"/>',
    ]
    seen = course["seen"]
    for (begin, counts), (end, _) in itertools.pairwise(seen):
        tall = min(counts[name], 2) * BAR / 2
        place = f'x="{LEFT + begin * scale:.1f}" y="{y + BAR - tall}" height="{tall}"'
        parts.append(f'<rect {place} width="{(end - begin) * scale + 0.3:.1f}" fill="#4a7ab5"/>')
    return parts + _marks([item for item in course["done"] if item[1] == name], y, scale)


def _marks(done: list, y: int, scale: float) -> list[str]:
    parts = []
    if len(done) == 2:
        (begin, *_), (end, *_) = done
        place = f'x="{LEFT + begin * scale:.1f}" y="{y + BAR + 2}" width="{(end - begin) * scale:.1f}"'
        parts.append(f'<rect {place} height="5" fill="#c33"/>')
    for time, _, what in done:
        place = f'x="{LEFT + time * scale:.1f}" y="{y + BAR + 20}"'
        parts.append(f'<text {place} fill="#c33">{what}, {time:.0f} s</text>')
    return parts


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(json.loads(Path(sys.argv[1]).read_text())))

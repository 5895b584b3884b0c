#!/usr/bin/env python3
"""Draws the portraits of the make-believe province: 295 × 413 pixels (one inch), nobody's face, on white.

Needs Pillow. The results are committed, so nobody but who wants other portraits runs this.
"""
import pathlib

from PIL import Image, ImageDraw

WIDTH, HEIGHT, FINE = 295, 413, 4
# Skin, hair, jacket, shirt, and the cut of the hair.
PEOPLE = [
    ("#eac7a8", "#2b2622", "#27496d", "#ffffff", "short"),
    ("#f0cfb4", "#1f1a17", "#7a2e3a", "#f6efe6", "long"),
    ("#dfb593", "#332a25", "#3b5d50", "#ffffff", "side"),
    ("#efd0b8", "#2a211d", "#44415f", "#f2f2f2", "bob"),
    ("#e4bd9c", "#1d1a19", "#5a5046", "#e8eef3", "short"),
    ("#ecc9ad", "#3a2c24", "#1f6f78", "#ffffff", "tied"),
]


def portrait(skin, hair, jacket, shirt, cut):
    image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), "white")
    draw = ImageDraw.Draw(image)

    def box(x, y, w, h):
        return [(x - w / 2) * FINE, y * FINE, (x + w / 2) * FINE, (y + h) * FINE]

    def shape(colour, *points):
        draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    middle = WIDTH / 2
    if cut == "long":
        draw.rounded_rectangle(box(middle, 95, 156, 225), 70 * FINE, fill=hair)
    if cut == "bob":
        draw.rounded_rectangle(box(middle, 92, 160, 158), 62 * FINE, fill=hair)
    if cut == "tied":
        draw.ellipse(box(middle, 62, 58, 58), fill=hair)
    draw.rounded_rectangle(box(middle, 300, 250, 200), 76 * FINE, fill=jacket)
    shape(shirt, (middle - 40, 302), (middle + 40, 302), (middle, 388))
    shape(jacket, (middle - 46, 302), (middle - 22, 302), (middle, 413), (middle - 30, 413))
    shape(jacket, (middle + 46, 302), (middle + 22, 302), (middle, 413), (middle + 30, 413))
    draw.rounded_rectangle(box(middle, 240, 52, 80), 24 * FINE, fill=skin)
    for side in (-1, 1):
        draw.ellipse(box(middle + side * 66, 168, 22, 38), fill=skin)
    draw.ellipse(box(middle, 100, 134, 170), fill=skin)
    tops = {"short": (92, 138, 60), "side": (88, 140, 72), "long": (90, 140, 64), "bob": (90, 140, 66), "tied": (92, 136, 56)}
    top, width, depth = tops[cut]
    draw.pieslice(box(middle, top, width, depth * 2), 180, 360, fill=hair)
    if cut == "side":
        draw.pieslice(box(middle - 26, top + 26, 96, 96), 180, 330, fill=hair)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


folder = pathlib.Path(__file__).parent / "photos"
folder.mkdir(exist_ok=True)
for number, person in enumerate(PEOPLE, 1):
    portrait(*person).save(folder / f"{number}.jpg", quality=85, optimize=True, dpi=(300, 300))

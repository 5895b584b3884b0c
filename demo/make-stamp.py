#!/usr/bin/env python3
"""Draws the made-up stamp of 示例榕城技工学校: a red ring of 40 mm at 300 dots to the inch, the name along it, and in the middle that it is a sample.

Needs ImageMagick. The result is committed, so nobody but who wants another stamp runs this.
"""
import math
import pathlib
import subprocess

NAME, MIDDLE = "示例榕城技工学校", "示例印章"
SIDE, RED = 472, "#c8202d"
# Degrees from the top that the name takes to each side, and how far from the centre it stands.
REACH, RADIUS = 118, 172

folder = pathlib.Path(__file__).resolve().parent
font = folder.parent / "crates/press/fonts/NotoSerifSC-Bold-GB2312.ttf"
middle = (SIDE - 1) / 2
command = ["convert", "-size", f"{SIDE}x{SIDE}", "xc:none", "-fill", "none", "-stroke", RED, "-strokewidth", "13",
           "-draw", f"circle {middle},{middle} {middle},6", "-fill", RED, "-stroke", "none", "-font", str(font)]
for n, character in enumerate(NAME):
    turn = -REACH + 2 * REACH * n / (len(NAME) - 1)
    across, down = RADIUS * math.sin(math.radians(turn)), -RADIUS * math.cos(math.radians(turn))
    turned = turn % 360
    command += ["-pointsize", "62", "-gravity", "center", "-annotate", f"{turned}x{turned}{across:+.0f}{down:+.0f}", character]
command += ["-pointsize", "46", "-annotate", "+0+6", MIDDLE, "-strip", "-define", "png:exclude-chunks=date,time",
            str(folder / "stamp.png")]
subprocess.run(command, check=True)

#!/usr/bin/env python3
"""Draws the notice board on which the make-believe schools hang up results: 800 × 600 pixels, no words that anyone could read.

Needs nothing. The result is committed, so nobody but who wants another board runs this.
"""
import pathlib
import struct
import zlib

WIDTH, HEIGHT = 800, 600
WALL, FRAME, CLOTH, PAPER, OTHER, SEAL, INK = (
    (201, 183, 154), (138, 109, 75), (63, 111, 85), (252, 252, 250), (244, 239, 227), (179, 52, 45), (136, 136, 136),
)
shapes = [(40, 40, 760, 560, FRAME), (60, 60, 740, 540, CLOTH), (110, 110, 300, 380, PAPER), (340, 120, 530, 390, PAPER)]
shapes += [(570, 130, 700, 300, OTHER), (150, 126, 260, 136, SEAL), (380, 136, 490, 146, SEAL)]
for left, top in [(125, 152), (355, 162)]:
    shapes += [(left, y, left + 160, y + 4, INK) for y in range(top, top + 200, 14)]
pixels = [[WALL] * WIDTH for _ in range(HEIGHT)]
for left, top, right, bottom, colour in shapes:
    for y in range(top, bottom):
        pixels[y][left:right] = [colour] * (right - left)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


lines = b"".join(b"\0" + bytes(part for pixel in line for part in pixel) for line in pixels)
head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
picture = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
pathlib.Path(__file__).with_name("notice-board.png").write_bytes(picture)

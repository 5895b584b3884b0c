#!/usr/bin/env python3
"""Audits the public log as a stranger would: python3 audit.py https://…/log/ LOG-KEY [--kept CHECKPOINT]

Written from the texts of C2SP (signed-note, tlog-checkpoint, tlog-tiles), RFC 6962 and RFC 8032 alone; it needs nothing but
Python's standard library and shares nothing with the program that keeps the log. LOG-KEY is NAME+ID+KEY from the page about
the log. With --kept it also shows that the log goes on from a checkpoint that was kept earlier."""

import argparse
import base64
import hashlib
import json
import sys
import urllib.request

# Ed25519 (RFC 8032, section 5.1), for checking signatures only.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point = add(point, point)
        n >>= 1
    return result


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    a, r = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q or len(signature) != 64:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


class Wrong(Exception):
    pass


def checkpoint(note, name, key):
    """Size and root of a checkpoint that the log's key signed."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    wanted = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    for line in lines.splitlines():
        dash, of, signature = line.split(" ")
        data = base64.b64decode(signature, validate=True)
        if dash == "—" and of == name and data[:4] == wanted:
            if not signed(key[1:], text.encode(), data[4:]):
                raise Wrong("the checkpoint's signature does not hold")
            break
    else:
        raise Wrong("the checkpoint is not signed by the log")
    origin, size, root = text.splitlines()[:3]
    if origin != name or str(int(size)) != size:
        raise Wrong("the checkpoint is of another log")
    return int(size), base64.b64decode(root, validate=True)


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes):
    """RFC 6962, 2.1, by its own words: split at the largest power of two below the length."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:left]), root_of(hashes[left:]))


def path(kind, index, width):
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{kind}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def widths(count):
    """Index and width of each tile over so many hashes."""
    for index in range((count + 255) // 256):
        yield index, min(256, count - index * 256)


def audit(base, name, key, kept):
    def get(where):
        with urllib.request.urlopen(base + where) as answer:
            return answer.read()

    size, root = checkpoint(get("checkpoint").decode(), name, key)
    leaves, kinds = [], {}
    for index, width in widths(size):
        data, found = get(path("entries", index, width)), 0
        while data:
            length = int.from_bytes(data[:2], "big")
            entry, data = data[2 : 2 + length], data[2 + length :]
            if len(entry) != length:
                raise Wrong(f"bundle {index} is cut")
            leaf = json.loads(entry)
            if sorted(leaf) != ["at", "commitment", "kind", "v"] or leaf["v"] != 1:
                raise Wrong(f"leaf {len(leaves)} has another form")
            kinds[leaf["kind"]] = kinds.get(leaf["kind"], 0) + 1
            leaves.append(hashlib.sha256(b"\x00" + entry).digest())
            found += 1
        if found != width:
            raise Wrong(f"bundle {index} has {found} entries instead of {width}")
    if root_of(leaves) != root:
        raise Wrong("the entries don't give the root")
    level, row = 0, leaves
    while row:
        for index, width in widths(len(row)):
            if get(path(level, index, width)) != b"".join(row[index * 256 : index * 256 + width]):
                raise Wrong(f"tile {level}/{index} does not fit the entries")
        row = [root_of(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
        level += 1
    if kept:
        with open(kept, encoding="utf-8") as file:
            old_size, old_root = checkpoint(file.read(), name, key)
        if old_size > size or root_of(leaves[:old_size]) != old_root:
            raise Wrong(f"the log does not go on from the kept checkpoint of {old_size} leaves")
    print(f"{name}: {size} leaves, all of them under the signed root")
    for kind in sorted(kinds):
        print(f"  {kind}: {kinds[kind]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="where the log is served, with the last slash")
    parser.add_argument("key", help="the log's key, NAME+ID+KEY")
    parser.add_argument("--kept", help="a checkpoint that was kept earlier")
    given = parser.parse_args()
    name, number, key = given.key.split("+", 2)
    key = base64.b64decode(key, validate=True)
    if key[:1] != b"\x01" or len(key) != 33 or hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] != number:
        sys.exit("the key does not fit its id")
    try:
        audit(given.base, name, key, given.kept)
    except (Wrong, ValueError, OSError) as error:
        sys.exit(f"not accepted: {error}")


if __name__ == "__main__":
    main()

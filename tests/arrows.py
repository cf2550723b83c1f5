#!/usr/bin/env python3
"""Holds every #include of src/ against the arrows that each room's meson.build declares: a room may include its own headers and
the doors of the rooms it names."""
import re
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent / "src"


def rooms():
    found = {}
    for build in sorted(SRC.rglob("meson.build")):
        match = re.search(r"^arrows = \[(.*?)\]", build.read_text(), re.S | re.M)
        if match:
            found[str(build.parent.relative_to(SRC))] = re.findall(r"'([^']+)'", match.group(1))
    return found


def room_of(path, known):
    """The deepest room whose folder holds the file."""
    best = ""
    for room in known:
        if (path == room or path.startswith(room + "/")) and len(room) > len(best):
            best = room
    return best


def main():
    known = rooms()
    broken = []
    for room, arrows in known.items():
        for arrow in arrows:
            if arrow not in known:
                broken.append(f"src/{room}/meson.build: arrow to {arrow}, which is no room")
    for file in sorted(SRC.rglob("*.[ch]")):
        relative = str(file.relative_to(SRC))
        own = room_of(relative, known)
        if not own:
            broken.append(f"src/{relative}: lies in no room")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            if target.endswith(".inc"):  # data that the build makes for this very file
                continue
            other = room_of(target, known)
            if other == own:
                continue
            door = f"{other}/{Path(other).name}.h"
            if other not in known[own]:
                broken.append(f"src/{relative}:{number}: {own} has no arrow to {other or target}")
            elif target != door:
                broken.append(f"src/{relative}:{number}: {target} is private to {other}; its door is {door}")
    for line in broken:
        print(line)
    print(f"{len(known)} rooms, {len(broken)} broken arrows")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

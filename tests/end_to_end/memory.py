"""What a core of a process would hold, read while it runs."""

import pathlib
import re

PIECE = 1 << 22


class Unreadable(Exception):
    """The machine does not let us look."""


def mappings(pid):
    """(start, end, name, flags) of every mapping that can be read."""
    text = pathlib.Path(f"/proc/{pid}/smaps").read_text()
    place = None
    for line in text.splitlines():
        header = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)", line)
        if header:
            place = (int(header[1], 16), int(header[2], 16), header[4]) if header[3][0] == "r" else None
        elif line.startswith("VmFlags:") and place:
            yield (*place, line.split()[1:])


def find_in_memory(pid, needle):
    """[(name of the mapping, address, whether a core would hold it, surroundings)]"""
    found = []
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for start, end, name, flags in mappings(pid):
                if name in ("[vvar]", "[vsyscall]"):
                    continue
                for at, around in find_in(memory, start, end, needle):
                    found.append((name or "anonymous", hex(at), "dd" not in flags, around))
    except OSError as error:
        raise Unreadable(f"memory of the server cannot be read here: {error}") from error
    return found


def find_in(memory, start, end, needle):
    at, kept = start, b""
    while at < end:
        memory.seek(at)
        try:
            piece = memory.read(min(PIECE, end - at))
        except OSError:
            return  # a hole of the mapping
        if not piece:
            return
        text = kept + piece
        begin = 0
        while (hit := text.find(needle, begin)) >= 0:
            yield at - len(kept) + hit, text[max(0, hit - 60):hit + 100]
            begin = hit + 1
        kept = text[-(len(needle) - 1):]
        at += len(piece)

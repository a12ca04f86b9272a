# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Ways to get Zstandard frames wrong, or to be less strict with them than the specification is."""

from .mutation import Mutation

RULE = "segment.frame"
DESCRIPTOR = "good(descriptor & 63 == 32,"
LESS = '    good(len(out) == content_size, "less'
PLACE = "place = value - 1 + (literal_length == 0)"
REMEMBER = "    recent.insert(0, offset)\n    del recent[place + 1]\n"


def frame(name, old, new, *more):
    return Mutation(f"frame: {name}", old, new, RULE, more)


def block(name, old, new, *more):
    return Mutation(f"block: {name}", old, new, "", more)


ZSTD = (
    frame("bytes behind the last one accepted", 'need("segment.frame", at == len(stored), "bytes behind',
          'need("segment.frame", True, "bytes behind'),
    frame("one of any content", "min(decoded_length - len(decoded), FRAME_CONTENT))", "decoded_length - len(decoded))"),
    frame("content of 64 KiB", "FRAME_CONTENT, LARGEST_FRAME = 1 << 17,", "FRAME_CONTENT, LARGEST_FRAME = 1 << 16,"),
    frame("of any length", "stored[at:at + LARGEST_FRAME]", "stored[at:]"),
    frame("132,096 bytes refused", "(1 << 17) + 1024", "(1 << 17) + 1023"),
    frame("a window accepted", DESCRIPTOR,
          "window = take(0 if descriptor & 32 else 1)\n    good(descriptor & 31 == 0,"),
    frame("a checksum passed over", DESCRIPTOR, "good(descriptor & 59 == 32,",
          (LESS, "    take(4 * (descriptor >> 2 & 1))\n" + LESS)),
    frame("a dictionary id of 0 accepted", DESCRIPTOR,
          "good(int.from_bytes(take((0, 1, 2, 4)[descriptor & 3]), 'little') == 0 and descriptor & 60 == 32,"),
    frame("the unused bit not looked at", DESCRIPTOR, "good(descriptor & 47 == 32,"),
    frame("the reserved bit not looked at", DESCRIPTOR, "good(descriptor & 55 == 32,"),
    frame("a content size of two bytes without 256", "(256 if size_flag == 1 else 0)", "0"),
    frame("a content size that is too large", '== content_size, "content size")', '>= content_size, "content size")'),
    frame("a content size of four bytes at most", "good(number(1 << size_flag)",
          "good(size_flag < 3 and number(1 << size_flag)"),
    frame("less content than stated accepted", LESS, '    good(len(out) <= content_size, "less'),
    frame("empty blocks refused", '            good(kind != 3, "a block of no kind")',
          '            good(kind != 3 and size > 0, "a block of no kind")'),
    frame("recent offsets kept from one to the next", "bytearray(), {}, [1, 4, 8], 0", "bytearray(), {}, RECENT, 0",
          ("\ndef read_frame(", "\nRECENT = [1, 4, 8]\n\ndef read_frame(")),
    frame("the fourth type is a run", 'good(kind != 3, "a block of no kind")', "pass"),
    frame("the fourth type is a raw block", 'good(kind != 3, "a block of no kind")', "pass",
          ("take(size) if kind == 0", "take(size) if kind != 1")),
    frame("compressed blocks as large as the content accepted", "good(size < content_size,",
          "good(size <= content_size,"),
    frame("compressed blocks of nothing accepted", "good(start < len(out),", "good(True,"),
    frame("tables kept from one to the next", "out, tables, recent, last = bytearray(), {}, [1, 4, 8], 0",
          "out, tables, recent, last = bytearray(), KEPT, [1, 4, 8], 0",
          ("\ndef read_frame(", "\nKEPT = {}\n\ndef read_frame(")),

    block("recent offsets start with 1, 2, 3", "[1, 4, 8]", "[1, 2, 3]"),
    block("recent offsets start anew", "recent, content_size)\n        else:",
          "[1, 4, 8], content_size)\n        else:"),
    block("recent offsets without literals not shifted", PLACE, "place = value - 1"),
    block("recent offsets always shifted", PLACE, "place = value % 3"),
    block("one less than the first is the third", "(recent[0] - 1, 2)", "(recent[2], 2)"),
    block("one less than the first is the first", "(recent[0] - 1, 2)", "(recent[0], 2)"),
    block("one less than the first is not remembered", REMEMBER, "    if not (value == 3 and literal_length == 0):\n"
          "        recent.insert(0, offset)\n        del recent[place + 1]\n"),
    block("recent offsets never reordered", REMEMBER,
          "    if value > 3:\n        recent.insert(0, offset)\n        del recent[place + 1]\n"),
    block("recent offsets swapped", REMEMBER, "    if value > 3:\n        recent.insert(0, offset)\n"
          "        del recent[3]\n    else:\n        recent[place] = recent[0]\n        recent[0] = offset\n"),
    block("recent offsets pushed, whatever they were", "del recent[place + 1]", "del recent[3]"),
    block("an offset of 0 is 1", "    recent.insert(0, offset)\n",
          "    offset = max(offset, 1)\n    recent.insert(0, offset)\n"),
    block("stated offsets less 2", "offset, place = value - 3, 2", "offset, place = value - 2, 2"),
    block("the first byte cannot be matched", "0 < offset <= len(out)", "0 < offset < len(out)"),
    block("matches do not read what they write", "out += piece\n            match_length -= len(piece)",
          "out += piece.ljust(match_length, b'\\0')\n            match_length = 0"),
    block("literals behind the match",
          "        out += literals[at:at + literal_length]\n        at += literal_length\n", "",
          ("            match_length -= len(piece)\n", "            match_length -= len(piece)\n"
           "        out += literals[at:at + literal_length]\n        at += literal_length\n")),
    block("no literals behind the last sequence", "    out += literals[at:]\n", ""),

    block("bits left over accepted", "good(self.left == 0,", "good(True,"),
    block("bits left over of literals accepted", "    stream.end()\n    return out\n", "    return out\n"),
    block("bits that are missing are 0", '        good(count <= self.left, "a bitstream ends early")\n',
          "        if count > self.left:\n"
          "            self.number, self.left = self.number << count, self.left + count\n"),
    block("an unmarked end accepted", "good(len(data) > 0 and data[-1] != 0,", "good(len(data) > 0 and any(data),"),
    block("reserved bits of modes not looked at", " and data[size] & 3 == 0", ""),
    block("no sequences in two bytes", "good(size == 1 and len(data) == 1,", "good(len(data) == size,"),
    block("bytes behind no sequences", "good(size == 1 and len(data) == 1,", "good(size == 1,"),
    block("no more than 127 sequences", "size = 1 if first < 128 else 2", "size = 1 if first < 256 else 2"),
    block("states updated in another order", "for i in (0, 2, 1):", "for i in (0, 1, 2):"),
    block("match lengths start with 4", "code_table(3,", "code_table(4,"),
    block("states in a row", "at = (at + (size >> 1) + (size >> 3) + 3) % size", "at = (at + 1) % size"),
    block("accuracy of 4 and more", "accuracy = (number & 15) + 5", "accuracy = (number & 15) + 4"),
    block("a table of one symbol accepted", "len(probabilities) - probabilities.count(0) >= 2", "True"),
    block("no further symbols without probability", "more = repeats == 3", "more = False"),
    block("tables used once", "good(name in tables,", "good(mode != 3,"),
    block("predefined tables not used again",
          "            tables[name] = decoding_table(accuracy, probabilities)\n        elif",
          "            used.append(decoding_table(accuracy, probabilities))\n            continue\n        elif"),
    block("modes from the lowest bits up", "modes >> 6 - 2 * i & 3", "modes >> 2 + 2 * i & 3"),
    block("a tree for each block", 'tree = tables.get("literals")',
          'tree = tables.get("literals") if kind == 2 else None'),
    block("a tree with the low half first", "for half in (byte >> 4, byte & 15)", "for half in (byte & 15, byte >> 4)"),
    block("a tree without longest codes", "good(1 in weights,", "good(True,"),
    block("a tree that is not full", "good(rest & rest - 1 == 0 and depth <= 11,", "good(depth <= 11,"),
    block("four streams of a quarter", "(count + 3) // 4", "count // 4"),
    block("four streams of 5", "good(count >= 6 and", "good("),
    block("Huffman-coded literals may be none", "and 1 <= count <= at_most", "and count <= at_most"),
    block("run-length literals are raw", "1 if kind == 1 else count", "count"),
    block("a literals header of two bytes is one of 12 and 2 bits", "(3, 4, 3, 4)[form]", "(3, 3, 3, 4)[form]"),
)

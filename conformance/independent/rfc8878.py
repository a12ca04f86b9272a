# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Section 6.3: the blocks of a Zstandard frame, written from the text of RFC 8878 and as strict as it is.

Headings name the sections of the RFC. Whatever it calls corrupted, faulty or reserved is refused: bits that are left
over or not there, an offset of 0, a match that starts before the content.
"""

from functools import lru_cache

from common import need

def good(condition, detail):
    need("segment.frame", condition, detail)

class Backwards:
    """A bitstream that is read from its end, where a 1 stands before at most seven zeros (4.1, 4.2.2)."""

    def __init__(self, data):
        good(len(data) > 0 and data[-1] != 0, "the end of a bitstream")
        self.number = int.from_bytes(data, "little")
        self.left = self.number.bit_length() - 1

    def bits(self, count):
        """The next ones; the one read first is the highest."""
        good(count <= self.left, "a bitstream ends early")
        self.left -= count
        return self.number >> self.left & (1 << count) - 1

    def end(self):
        good(self.left == 0, "bits left over")

# ------------------------------------------------------------------------------------- 4.1.1: FSE table description

def read_distribution(data, most_accuracy, symbols):
    """(accuracy log, probabilities, bytes read)"""
    number, at = int.from_bytes(data, "little"), 4
    good(len(data) > 0, "no table")
    accuracy = (number & 15) + 5
    good(accuracy <= most_accuracy, "accuracy log")
    left, probabilities = 1 << accuracy, []
    while left > 0 and len(probabilities) < symbols:
        # Values 0 ... left + 1 in as few bits as it takes; the lower ones in one bit less.
        size = (left + 1).bit_length()
        value = number >> at & (1 << size) - 1
        spare = (1 << size) - (left + 2)
        if value & (1 << size - 1) - 1 < spare:
            value, at = value & (1 << size - 1) - 1, at + size - 1
        else:
            value, at = value - (spare if value >> size - 1 else 0), at + size
        probabilities.append(value - 1)
        left -= abs(value - 1)
        more = value == 1
        while more:  # two bits say how many further ones are 0; where they are 3, two more follow
            repeats, at = number >> at & 3, at + 2
            probabilities += [0] * repeats
            more = repeats == 3 and len(probabilities) < symbols
    good(left == 0 and len(probabilities) <= symbols, "probabilities")
    good(len(probabilities) - probabilities.count(0) >= 2, "a table of one symbol")
    good(at <= 8 * len(data), "a table ends early")
    return accuracy, tuple(probabilities), -(-at // 8)

@lru_cache(maxsize=256)
def decoding_table(accuracy, probabilities):
    """Of each state: (symbol, bits to read, what to add to them)."""
    size = 1 << accuracy
    symbols, last = [None] * size, size - 1
    for symbol, probability in enumerate(probabilities):
        if probability == -1:  # less than 1: one state at the end
            symbols[last], last = symbol, last - 1
    at = 0
    for symbol, probability in enumerate(probabilities):
        for _ in range(probability):
            symbols[at] = symbol
            while True:
                at = (at + (size >> 1) + (size >> 3) + 3) % size
                if at <= last:
                    break
    table, seen = [], {symbol: abs(probability) for symbol, probability in enumerate(probabilities)}
    for symbol in symbols:
        number = seen[symbol]
        seen[symbol] += 1
        bits = accuracy - (number.bit_length() - 1)
        table.append((symbol, bits, (number << bits) - size))
    return accuracy, table

# -------------------------------------------------------------------------------- 3.1.1.3.1 and 4.2: literals, Huffman

def read_weights(data):
    """The FSE-compressed weights of a Huffman tree: two states take turns until the bits run out."""
    accuracy, probabilities, size = read_distribution(data, 6, 256)
    _, table = decoding_table(accuracy, probabilities)
    stream = Backwards(data[size:])
    states, weights = [stream.bits(accuracy), stream.bits(accuracy)], []
    while True:
        symbol, bits, base = table[states[len(weights) % 2]]
        weights.append(symbol)
        good(len(weights) <= 254, "number of weights")
        if bits > stream.left:  # the other state gives the last one
            weights.append(table[states[len(weights) % 2]][0])
            return weights
        states[(len(weights) - 1) % 2] = base + stream.bits(bits)

def read_tree(data):
    """((depth, table of the next `depth` bits -> (literal, bits)), bytes read)"""
    good(len(data) > 0, "no tree")
    if data[0] >= 128:
        size = 1 + (data[0] - 127 + 1) // 2
        good(size <= len(data), "a tree ends early")
        weights = [half for byte in data[1:size] for half in (byte >> 4, byte & 15)][:data[0] - 127]
    else:
        size = 1 + data[0]
        good(size <= len(data), "a tree ends early")
        weights = read_weights(data[1:size])
    good(max(weights) <= 11, "a weight")
    total = sum(1 << weight - 1 for weight in weights if weight)
    good(total > 0, "a tree of no literals")
    depth = total.bit_length()  # of the next power of 2
    rest = (1 << depth) - total
    good(rest & rest - 1 == 0 and depth <= 11, "a tree that is not full")
    weights.append(rest.bit_length())
    good(1 in weights, "a tree without longest codes")
    table = []
    for weight in range(1, depth + 1):
        for literal in [literal for literal, other in enumerate(weights) if other == weight]:
            table += [(literal, depth + 1 - weight)] * (1 << weight - 1)
    return (depth, table), size

def huffman(data, tree, count):
    (depth, table), stream, out = tree, Backwards(data), bytearray()
    number, left = stream.number << depth, stream.left  # zeros follow its end
    for _ in range(count):
        literal, bits = table[number >> left & (1 << depth) - 1]
        left -= bits
        out.append(literal)
        if left < 0:
            break
    stream.left = left
    good(left >= 0, "a bitstream ends early")
    stream.end()
    return out

def read_literals(data, tables, at_most):
    """(literals, bytes read)"""
    good(len(data) > 0, "no literals")
    kind, form = data[0] & 3, data[0] >> 2 & 3
    if kind <= 1:  # raw, run-length
        size = (1, 2, 1, 3)[form]
        count = int.from_bytes(data[:size], "little") >> (3, 4, 3, 4)[form]
        stored = 1 if kind == 1 else count
        good(len(data) >= size + stored and count <= at_most, "size of literals")
        return data[size:size + stored] * (count if kind == 1 else 1), size + stored
    size, bits = (3, 3, 4, 5)[form], (10, 10, 14, 18)[form]
    header = int.from_bytes(data[:size], "little") >> 4
    count, stored = header & (1 << bits) - 1, header >> bits
    good(len(data) >= size + stored and 1 <= count <= at_most, "size of literals")
    data, end = data[size:size + stored], size + stored
    if kind == 2:
        tables["literals"], size = read_tree(data)
        data = data[size:]
    tree = tables.get("literals")
    good(tree is not None, "no tree to use again")
    if form == 0:
        return huffman(data, tree, count), end
    good(count >= 6 and len(data) >= 6, "four streams of too little")
    out, at, each = bytearray(), 6, (count + 3) // 4
    for stream in range(4):
        stop = at + int.from_bytes(data[2 * stream:2 * stream + 2], "little") if stream < 3 else len(data)
        good(stop <= len(data) and 3 * each <= count, "streams of literals")
        out += huffman(data[at:stop], tree, each if stream < 3 else count - 3 * each)
        at = stop
    return out, end

# --------------------------------------------------------------------------------- 3.1.1.3.2 and 3.1.1.4: sequences

def code_table(first, extra):
    """Of each code: (least value, bits to add)."""
    codes = [(first + i, 0) for i in range(16 if first == 0 else 32)]
    value = codes[-1][0] + 1
    for bits in extra:
        codes.append((value, bits))
        value += 1 << bits
    return codes

LITERAL_LENGTHS = code_table(0, (1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
MATCH_LENGTHS = code_table(3, (1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

# 3.1.1.3.2.2: (name, most accuracy, number of codes, accuracy and probabilities that are predefined)
LITERAL_LENGTH_DEFAULTS = (4, 3, *[2] * 11, *[1] * 3, *[2] * 9, 3, 2, *[1] * 5, *[-1] * 4)
OFFSET_DEFAULTS = (*[1] * 6, *[2] * 3, *[1] * 15, *[-1] * 5)
MATCH_LENGTH_DEFAULTS = (1, 4, 3, *[2] * 6, *[1] * 37, *[-1] * 7)
FIELDS = (("literal lengths", 9, 36, 6, LITERAL_LENGTH_DEFAULTS), ("offsets", 8, 32, 5, OFFSET_DEFAULTS),
          ("match lengths", 9, 53, 6, MATCH_LENGTH_DEFAULTS))

def read_sequences(data, tables):
    """(literals before the match, length of the match, value of the offset) of each"""
    good(len(data) > 0, "no sequences")
    first = data[0]
    size = 1 if first < 128 else 2 if first < 255 else 3
    good(size <= len(data), "number of sequences")
    count = first if first < 128 else (first - 128 << 8) + data[1] if first < 255 else data[1] + (data[2] << 8) + 0x7F00
    if count == 0:
        good(size == 1 and len(data) == 1, "no sequences in more than a byte")
        return
    good(size < len(data) and data[size] & 3 == 0, "modes")
    modes, at, used = data[size], size + 1, []
    for i, (name, most_accuracy, codes, accuracy, probabilities) in enumerate(FIELDS):
        mode = modes >> 6 - 2 * i & 3
        if mode == 0:
            tables[name] = decoding_table(accuracy, probabilities)
        elif mode == 1:
            good(at < len(data) and data[at] < codes, "the one code")
            tables[name], at = (0, [(data[at], 0, 0)]), at + 1
        elif mode == 2:
            accuracy, probabilities, size = read_distribution(data[at:], most_accuracy, codes)
            tables[name], at = decoding_table(accuracy, probabilities), at + size
        good(name in tables, "no table to use again")
        used.append(tables[name])
    stream = Backwards(data[at:])
    states = [stream.bits(accuracy) for accuracy, _ in used]
    for left in range(count - 1, -1, -1):
        rows = [table[state] for (_, table), state in zip(used, states)]
        literals, offset, match = (row[0] for row in rows)
        offset_value = (1 << offset) + stream.bits(offset)
        least, bits = MATCH_LENGTHS[match]
        match_length = least + stream.bits(bits)
        least, bits = LITERAL_LENGTHS[literals]
        yield least + stream.bits(bits), match_length, offset_value
        if left:
            for i in (0, 2, 1):
                states[i] = rows[i][2] + stream.bits(rows[i][1])
    stream.end()

def take_offset(value, literal_length, recent):
    """3.1.1.5: what is stated, or one of the three offsets used last. It is the last one used from now on."""
    if value > 3:
        offset, place = value - 3, 2
    else:
        place = value - 1 + (literal_length == 0)
        offset, place = (recent[place], place) if place < 3 else (recent[0] - 1, 2)
    recent.insert(0, offset)
    del recent[place + 1]
    return offset

def run_sequences(out, literals, sequences, recent, content_size):
    """3.1.1.4: appends to the content."""
    at = 0
    for literal_length, match_length, value in sequences:
        good(at + literal_length <= len(literals), "literals of a sequence")
        out += literals[at:at + literal_length]
        at += literal_length
        offset = take_offset(value, literal_length, recent)
        good(0 < offset <= len(out) and len(out) + match_length <= content_size, "a match")
        while match_length > 0:  # it may read what it writes
            piece = out[len(out) - offset:][:match_length]
            out += piece
            match_length -= len(piece)
    out += literals[at:]

def read_compressed_block(data, out, tables, recent, content_size):
    """Appends its content to that of the blocks before it."""
    start = len(out)
    literals, size = read_literals(data, tables, content_size)
    run_sequences(out, literals, read_sequences(data[size:], tables), recent, content_size)
    good(start < len(out), "a compressed block of nothing")

# ----------------------------------------------------------------------------------------------- 3.1.1: one frame

def read_frame(data, content_size):
    """(content, bytes read) of the frame that the data starts with: at most as large as one block may be."""
    at = 0

    def take(size):
        nonlocal at
        at += size
        good(at <= len(data), "early end")
        return data[at - size:at]

    def number(size):
        return int.from_bytes(take(size), "little")

    good(number(4) == 0xFD2FB528, "magic")
    descriptor = number(1)
    good(descriptor & 63 == 32, "no single segment, or a dictionary, or a checksum")
    size_flag = descriptor >> 6
    good(number(1 << size_flag) + (256 if size_flag == 1 else 0) == content_size, "content size")
    out, tables, recent, last = bytearray(), {}, [1, 4, 8], 0
    while not last:
        header = number(3)
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        if kind == 2:
            good(size < content_size, "a compressed block that is too large")
            read_compressed_block(take(size), out, tables, recent, content_size)
        else:
            good(kind != 3, "a block of no kind")
            out += take(size) if kind == 0 else take(1) * min(size, content_size + 1)
        good(len(out) <= content_size, "more content than stated")
    good(len(out) == content_size, "less content than stated")
    return out, at

# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Compressed blocks of Zstandard, right ones and others."""

import hashlib

import frames
from cases import valid
from cases_zstd import framed, refused
from frames import bitstream, compressed, huffman, joined, match, raw, raw_literals, sequences
from specification import spec

DIGITS = b"0123456789"
LETTERS = b"abcdefghijklmnopqrst"
FAR = bytes(i * i % 251 for i in range(2048))
TWO = (1,)  # the weights of a tree of the literals 0 and 1, each of one bit
BITS = bytes([0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1])
NO_SEQUENCES = b"\x00"
DIGITS_AGAIN = match(5 + 3, 3)  # what zstd_small_match has

# Offsets used last, as they follow from the values: (value, literals, offset).
FIRST = ((3, b"x", 8), (3, b"y", 4), (3, b"z", 1))
RECENT = ((5 + 3, b"", 5), (7 + 3, b"u", 7), (1, b"v", 7), (2, b"w", 5), (3, b"x", 1), (1, b"", 5), (2, b"", 7),
          (3, b"", 6), (1, b"y", 6), (20 + 3, b"", 20), (3, b"z", 7), (2, b"", 6))


def played(content, *steps):
    """Each step: (literals, offset, length)."""
    for literals, offset, length in steps:
        content += literals
        for _ in range(length):
            content += content[-offset:][:1]
    return content


def offsets(start, steps):
    """A frame that has a block for each step, of a match of 3 to 6 bytes; and its content."""
    content = played(start, *[(literals, offset, 3 + i % 4) for i, (_, literals, offset) in enumerate(steps)])
    blocks = [match(value, 3 + i % 4, literals) for i, (value, literals, _) in enumerate(steps)]
    return framed(joined(len(content), raw(start), *blocks), content)


def kept(frame, size, sha256):
    """A frame that a library has made."""
    content = spec.zstd_decode(frame, size)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError("a kept frame decodes to something else")
    return framed(frame, content)


def literal_block(*arguments, **options):
    return compressed(huffman(*arguments, **options), NO_SEQUENCES)


def stream_of(literals, *more):
    return bitstream(*[(literal, 1) for literal in literals], *more)


def right():
    yield valid("zstd_tables", "Three blocks: tables of finite state entropy and a Huffman tree, also used again.",
                kept(frames.TABLES_FRAME, frames.TABLES_SIZE, frames.TABLES_SHA256))
    yield valid("zstd_streams", "Three blocks: literals in one stream and in four, these with the tree of the block "
                "before.", kept(frames.STREAMS_FRAME, frames.STREAMS_SIZE, frames.STREAMS_SHA256))
    yield valid("zstd_small_match", "A match of three bytes, five bytes back.",
                framed(joined(13, raw(DIGITS), DIGITS_AGAIN), played(DIGITS, (b"", 5, 3))))
    yield valid("zstd_first_byte_matched", "A match that starts with the first byte.",
                framed(joined(13, raw(DIGITS), match(10 + 3, 3)), played(DIGITS, (b"", 10, 3))))
    yield valid("zstd_match_of_itself", "A match of 34 bytes that repeats the last two over and over.",
                framed(joined(44, raw(DIGITS), match(2 + 3, 34)), played(DIGITS, (b"", 2, 34))))
    yield valid("zstd_far_match", "A match 2,048 bytes back.",
                framed(joined(2051, raw(FAR), match(2048 + 3, 3)), played(FAR, (b"", 2048, 3))))
    yield valid("zstd_least_offset", "An offset of 2, then one less than that.",
                framed(joined(16, raw(DIGITS), match(2 + 3, 3), match(3, 3)),
                       played(DIGITS, (b"", 2, 3), (b"", 1, 3))))
    yield valid("zstd_first_offsets", "The three offsets that a frame starts with.", offsets(DIGITS, FIRST))
    yield valid("zstd_recent_offsets", "Offsets used last, in every order, with literals and without.",
                offsets(LETTERS, RECENT))
    yield valid("zstd_two_sequences", "Two sequences in a block, and literals behind them.",
                framed(joined(20, raw(DIGITS), compressed(raw_literals(b"abcd"),
                                                          sequences(1, 3, 0, (0, 0, 0), (2, 0, 0)))),
                       played(DIGITS, (b"a", 5, 3), (b"b", 7, 3)) + b"cd"))
    # Predefined tables: state 0 is that of literal code 0 and match code 0, state 5 that of offset code 3.
    predefined = bitstream((0, 6), (5, 5), (0, 6), (0, 3))
    yield valid("zstd_predefined_again", "Predefined tables, which the next block uses again.",
                framed(joined(16, raw(DIGITS), compressed(raw_literals(b""), b"\x01\x00" + predefined),
                              compressed(raw_literals(b""), b"\x01\xfc" + predefined)),
                       played(DIGITS, (b"", 5, 3), (b"", 5, 3))))
    yield valid("zstd_literals_only", "Literals without sequences: raw and run-length ones, in headers of 1, 2 and 3 "
                "bytes.",
                framed(joined(164, compressed(raw_literals(b"abcd"), NO_SEQUENCES),
                              compressed(b"\x51x", NO_SEQUENCES), compressed(raw_literals(FAR[:50]), NO_SEQUENCES),
                              compressed(b"\x25\x03y", NO_SEQUENCES),
                              compressed(b"\x2c\x03\x00", FAR[50:100], NO_SEQUENCES)),
                       b"abcd" + b"x" * 10 + FAR[:50] + b"y" * 50 + FAR[50:100]))
    yield valid("zstd_huffman", "Literals of one bit each, in one stream.",
                framed(joined(20, literal_block(TWO, 20, stream_of(BITS))), BITS))
    yield valid("zstd_huffman_four", "Seven literals in four streams, of which the last one has one.",
                framed(joined(27, raw(BITS), literal_block(TWO, 7, *[stream_of(BITS[:2])] * 3, stream_of(BITS[:1]),
                                                           form=1)), BITS + BITS[:2] * 3 + BITS[:1]))


def two_frames(first, second, start, rest):
    """The first one starts with a block; zeros fill it up. start, rest: what the blocks give."""
    filler = (1, frames.CONTENT - len(start), b"\x00")
    return (joined(frames.CONTENT, first, filler) + joined(len(rest), *second),
            start + bytes(frames.CONTENT - len(start)) + rest)


def second_frames():
    """A frame has nothing of the one before it."""
    literals = literal_block(TWO, 20, stream_of(BITS))
    one_sequence = compressed(raw_literals(DIGITS), sequences(10, 3, 0, (0, 0, 0)))
    yield valid("zstd_second_frame", "A second frame starts with the offsets that every frame starts with.",
                framed(*two_frames(one_sequence, [raw(DIGITS), match(3, 3, b"x")], played(DIGITS, (b"", 5, 3)),
                                   played(DIGITS, (b"x", 8, 3)))))
    for what, description, first, second, start, rest in (
            ("tree_again", "A second frame uses the Huffman tree of the first one.", literals,
             [raw(b"x"), literal_block(TWO, 20, stream_of(BITS), treeless=True)], BITS, b"x" + BITS),
            ("tables_again", "A second frame uses the tables of the first one.", one_sequence,
             [raw(DIGITS), compressed(raw_literals(DIGITS), b"\x01\xfc" + bitstream((0, 3)))],
             played(DIGITS, (b"", 5, 3)), played(DIGITS, (DIGITS, 5, 3))),
            ("match", "A match in a second frame starts in the first one.", raw(DIGITS),
             [raw(DIGITS), match(13 + 3, 3)], DIGITS, DIGITS + bytes(3))):
        yield refused(f"second_frame_{what}", "zstd_second_frame", description,
                      *two_frames(first, second, start, rest))


def digits(what, description, block, content=13, strict=False):
    return refused(what, "zstd_small_match", description, joined(content, raw(DIGITS), block),
                   (DIGITS + bytes(64))[:content], strict)


def wrong_matches():
    digits_frame = frames.header(13, window=0) + frames.raw_block(DIGITS, False) + frames.block(*DIGITS_AGAIN)
    yield refused("window_small_match", "zstd_small_match", "A window of 1 KiB, and a match within it.", digits_frame,
                  played(DIGITS, (b"", 5, 3)))
    yield refused("window_match_beyond", "zstd_far_match", "A window of 1 KiB, and a match beyond it.",
                  frames.header(2051, window=0) + frames.raw_block(FAR[:1024], False)
                  + frames.raw_block(FAR[1024:], False) + frames.block(*match(2048 + 3, 3)),
                  played(FAR, (b"", 2048, 3)))
    yield refused("window_block_above", "zstd_literals_only", "A window of 1 KiB, and literals of more.",
                  frames.header(2000, window=0) + frames.block(*compressed(b"\x05\x7dx", NO_SEQUENCES)), b"x" * 2000)
    yield refused("offset_zero", "zstd_least_offset", "An offset of one less than 1.",
                  joined(13, raw(DIGITS), match(3, 3)), played(DIGITS, (b"", 1, 3)), strict=True)
    yield refused("match_before_start", "zstd_first_byte_matched", "A match that starts before the first byte.",
                  joined(13, raw(DIGITS), match(11 + 3, 3)), DIGITS + bytes(3))
    yield digits("match_too_long", "A match that ends a byte behind the content.", match(5 + 3, 4))
    yield digits("match_too_short", "A match that ends a byte before the end of the content.", match(5 + 3, 3), 14)
    yield digits("literals_missing", "A sequence of more literals than there are.",
                 compressed(raw_literals(b"a"), sequences(2, 3, 0, (0, 0, 0))), 15)
    yield digits("literals_too_many", "Literals left over, for which there is no room.",
                 compressed(raw_literals(b"ab"), sequences(1, 3, 0, (0, 0, 0))), 14)
    yield refused("block_above_content", "zstd_literals_only", "Literals of 131,073 bytes.",
                  frames.joined(1000, compressed(b"\x1d\x00\x20x", NO_SEQUENCES)), b"x" * 1000)


def wrong_sequences():
    one = (0, 3, 0, (0, 0, 0))
    yield digits("modes_reserved", "Reserved bits of the modes.",
                 compressed(raw_literals(b""), sequences(*one, modes=0x55)), strict=True)
    yield digits("modes_reserved_both", "The other one.",
                 compressed(raw_literals(b""), sequences(*one, modes=0x56)), strict=True)
    yield digits("bits_left", "A bit that no sequence takes.",
                 compressed(raw_literals(b""), sequences(*one, more=[(0, 1)])))
    yield digits("byte_left", "A byte that no sequence takes.",
                 compressed(raw_literals(b""), sequences(*one, more=[(0, 8)])))
    yield digits("bits_missing", "Two sequences, and the bits of one and a half.",
                 compressed(raw_literals(b""), b"\x02" + sequences(*one, more=[(0, 2)])[1:]), 16, strict=True)
    yield digits("sequence_missing", "Two sequences, and the bits of one.",
                 compressed(raw_literals(b""), b"\x02" + sequences(*one)[1:]), 16, strict=True)
    yield digits("stream_end", "A stream without the bit that ends it.",
                 compressed(raw_literals(b""), sequences(*one)[:-1] + b"\x00"))
    yield digits("stream_zero_behind", "A byte of 0 behind the end of a stream.",
                 compressed(raw_literals(b""), sequences(*one) + b"\x00"))
    yield digits("stream_absent", "No stream.", compressed(raw_literals(b""), sequences(*one)[:-1]))
    yield refused("no_sequences_2_bytes", "zstd_literals_only", "No sequences, said in two bytes.",
                  joined(50, compressed(b"\x25\x03y", b"\x80\x00")), b"y" * 50, strict=True)
    yield refused("no_sequences_more", "zstd_literals_only", "A byte behind the one that says no sequences.",
                  joined(50, compressed(b"\x25\x03y", b"\x00\x00")), b"y" * 50)
    yield digits("count_cut", "A number of sequences that is cut.", compressed(raw_literals(b"abc"), b"\x80"))
    yield digits("count_absent", "Literals, and no number of sequences.", compressed(raw_literals(b"abc")))
    yield digits("tables_again_first", "Tables are to be used again, and there are none.",
                 compressed(raw_literals(b""), b"\x01\xfc" + bitstream((0, 3))))
    for what, codes in (("literal_code_36", (36, 3, 0)), ("offset_code_32", (0, 32, 0)), ("match_code_53", (0, 3, 53))):
        yield digits(what, "A code that is not one.",
                     compressed(raw_literals(b""), b"\x01\x54", bytes(codes) + bitstream((0, 32))))
    yield digits("table_of_one", "A table of finite state entropy with one symbol, which takes no bits.",
                 compressed(raw_literals(b""), b"\x01\x94\xf0\x03\x03\x00" + bitstream((0, 5), (0, 3))), strict=True)
    yield digits("table_accuracy", "A table of literal lengths with 1,024 states.",
                 compressed(raw_literals(b""), b"\x01\x94\x05" + bytes(20) + b"\x01"), 60)
    yield digits("table_cut", "A table of finite state entropy that is cut.",
                 compressed(raw_literals(b""), b"\x01\x94\x00"))
    yield refused("block_of_nothing", "zstd_literals_only", "A compressed block that decodes to nothing.",
                  joined(50, compressed(b"\x25\x03y", NO_SEQUENCES), compressed(raw_literals(b""), NO_SEQUENCES)),
                  b"y" * 50, strict=True)
    yield refused("block_not_smaller", "zstd_literals_only", "A compressed block as large as what it decodes to.",
                  joined(4, compressed(raw_literals(b"ab"), NO_SEQUENCES), (1, 1, b"x"), (1, 1, b"x")), b"abxx")


def wrong_literals():
    def literals(what, description, count, *streams, weights=TWO, twin="zstd_huffman", strict=False, **options):
        block = literal_block(weights, count, *streams, **options)
        return refused(what, twin, description, joined(20 + count, raw(BITS), block), (BITS * 2)[:20 + count],
                       strict)

    stream = stream_of(BITS)
    yield literals("huffman_bits_left", "A bit that no literal takes.", 20, stream_of(BITS, (0, 1)))
    yield literals("huffman_bits_missing", "A literal more than there are bits.", 21, stream)
    yield literals("huffman_none", "A Huffman tree, and no literals.", 0, b"\x01", strict=True)
    yield digits("huffman_none_match", "A Huffman tree, no literals, and a match.",
                 compressed(huffman(TWO, 0, b"\x01"), sequences(0, 3, 0, (0, 0, 0))), strict=True)
    yield literals("huffman_stream_end", "A stream without the bit that ends it.", 20, stream[:-1] + b"\x00")
    yield literals("huffman_tree_again_first", "A tree is to be used again, and there is none.", 20, stream,
                   treeless=True)
    for what, description, weights in (
            ("not_full", "Weights that no last one completes to a power of 2.", (1, 3)),
            ("deep", "A tree of 12 bits.", (1, 12)), ("empty", "A tree of one literal.", (0,)),
            ("weight_15", "A weight of 15.", (1, 15))):
        yield literals(f"huffman_tree_{what}", description, 20, stream, weights=weights)
    yield refused("huffman_tree_no_longest", "zstd_huffman", "A tree whose codes are all shorter than its depth.",
                  joined(40, raw(BITS), literal_block((2, 2), 20, stream_of(b"\x01" * 20))), BITS + b"\x02" * 20)
    yield literals("huffman_stream_zero_behind", "A byte of 0 behind the end of a stream.", 20, stream + b"\x00")
    two, one = stream_of(BITS[:2]), stream_of(BITS[:1])
    for count, streams in ((4, (one, one, one, one)), (5, (two, two, one, b"\x01"))):
        yield literals(f"huffman_four_of_{count}", f"{count} literals in four streams.", count, *streams,
                       twin="zstd_huffman_four", form=1)
    yield literals("huffman_four_bits_left", "A bit left in the second of four streams.", 7, two,
                   stream_of(BITS[:3]), two, one, twin="zstd_huffman_four", form=1)
    yield literals("huffman_four_last_bits_left", "A bit left in the last of four streams.", 7, two, two, two, two,
                   twin="zstd_huffman_four", form=1)
    yield refused("huffman_jump_beyond", "zstd_huffman_four", "A first stream that ends behind the four.",
                  joined(27, raw(BITS), compressed(huffman(TWO, 7, two, two, two, one, form=1)[:5] + b"\x09"
                                                   + huffman(TWO, 7, two, two, two, one, form=1)[6:], NO_SEQUENCES)),
                  BITS + bytes(7))
    yield refused("huffman", "zstd_compressed", "A damaged Huffman table.",
                  frames.COMPRESSED_FRAME[:13] + b"\xff\xff\xff" + frames.COMPRESSED_FRAME[16:],
                  frames.COMPRESSED_BYTES)


def flipped():
    """One bit of a frame that a library has made: what libzstd decodes all the same."""
    for what, description, bit in (
            ("early", "A stream of literals ends early: versions decode it to different bytes.", 121),
            ("early_too", "A stream of literals ends early.", 426), ("left", "Bits of literals are left over.", 144),
            ("left_too", "Bits of literals are left over, which version 1.5.7 sees.", 410),
            ("unmarked", "A stream of literals has no end.", 3220),
            ("sequences_left", "Bits of sequences are left over.", 3098),
            ("sequences_early", "The bits of sequences do not suffice.", 4466)):
        frame = bytearray(frames.STREAMS_FRAME)
        frame[bit // 8] ^= 1 << bit % 8
        yield refused(f"flipped_{what}", "zstd_streams", description, bytes(frame),
                      spec.zstd_decode(frames.STREAMS_FRAME, frames.STREAMS_SIZE), strict=True)


def cases():
    yield from right()
    yield from second_frames()
    yield from wrong_matches()
    yield from wrong_sequences()
    yield from wrong_literals()
    yield from flipped()

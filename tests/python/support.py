# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What the tests of the Python package share."""

import unittest

import mcnc


class PackageTest(unittest.TestCase):
    def refuses(self, code, call, *args, **options):
        """The McncError of that code and of a sentence, which call(*args, **options) must raise."""
        with self.assertRaises(mcnc.McncError) as caught:
            call(*args, **options)
        self.assertEqual(caught.exception.code, code, caught.exception)
        self.assertGreater(len(caught.exception.message.split()), 2)
        return caught.exception

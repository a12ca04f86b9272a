# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The conformance suite: its cases, the decoders it drives, what it says of them."""

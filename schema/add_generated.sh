#!/bin/sh
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
#
# Adds what flatc makes of the schema to a release, for `meson dist`: whoever builds that needs no flatc.
#
#   add_generated.sh VERSION FLATC OPTIONS...
set -eu
version=$1
shift
"$@" -o "$MESON_DIST_ROOT/schema/generated/$version" "$MESON_DIST_ROOT/schema/manifest.fbs"

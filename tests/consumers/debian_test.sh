#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
#
# The packages in build/debian, which tools/debian makes, in use: lintian finds no error in them; installed in a copy of
# this machine's root that is thrown away afterwards, they are all that a C program from an empty folder, the programs
# and Python need; and they go away without a trace. Wants root, who may mount.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The authors have no mail address.
lintian --allow-root --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog build/debian/*.deb
if ! unshare --mount true 2>/dev/null; then
  echo 'the packages are not installed: only root may mount'
  exit 77
fi
folder=$(mktemp -d)
trap 'rmdir "$folder"' EXIT

inputs=(build/debian/*.deb examples/decode.c examples/decode.py conformance/vectors/valid/several/model.mcnc)
# Mounts of this shell alone: they are gone when it ends.
unshare --mount bash -euo pipefail -s "$folder" "${inputs[@]}" <<'MOUNTED'
folder=$1
shift
mount -t tmpfs tmpfs "$folder"
mkdir "$folder"/{changed,work,copy}
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/changed,workdir=$folder/work" "$folder/copy"
mount -t proc proc "$folder/copy/proc"
mount --bind /dev "$folder/copy/dev"
mkdir "$folder/copy/try"
cp "$@" "$folder/copy/try"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$folder/copy" bash -euo pipefail -s <<'INSIDE'
cd /try
dpkg --install ./*.deb >/dev/null
dpkg --verify libmcnc0 libmcnc-dev mcnc python3-mcnc

cc -std=c99 decode.c $(pkg-config --cflags --libs mcnc) -o decode
./decode model.mcnc >by_c
ldd ./decode | grep 'libmcnc.so.0 => /lib'
cc -std=c99 decode.c -Wl,-Bstatic -lmcnc -Wl,-Bdynamic $(pkg-config --static --libs mcnc | sed 's/-lmcnc//') -o decode_static
./decode_static model.mcnc | cmp - by_c
python3 decode.py model.mcnc >by_python
[ "$(wc -l <by_c)" -gt 0 ] && [ "$(wc -l <by_c)" -eq "$(wc -l <by_python)" ]
mcnc info model.mcnc >/dev/null
mcnc verify model.mcnc
mcnc-train --version
for page in mcnc mcnc-decode mcnc-train; do [ -s "/usr/share/man/man1/$page.1.gz" ]; done
for file in bash-completion/completions/mcnc zsh/vendor-completions/_mcnc fish/vendor_completions.d/mcnc.fish; do
  [ -s "/usr/share/$file" ]
done

dpkg --purge python3-mcnc mcnc libmcnc-dev libmcnc0 >/dev/null
[ -z "$(find /usr -xdev -name '*mcnc*' -not -path '/usr/local/*')" ]
echo 'installed, used, removed'
INSIDE
MOUNTED

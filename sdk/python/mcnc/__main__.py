# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""`python -m mcnc info FILE` and `python -m mcnc verify FILE`, where the program mcnc is not installed."""

import argparse
import json
import sys
from typing import List, Optional

from . import McncError, open


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs one command; returns the exit code, which for an error is its class, as of the program mcnc."""
    parser = argparse.ArgumentParser(prog="python -m mcnc", description="Looks into and checks .mcnc files.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("info", help="what is in a file, one line a tensor").add_argument("file")
    commands.add_parser("verify", help="is every bit right (a file that needs a base model cannot be verified here)").add_argument("file")
    options = parser.parse_args(arguments)
    try:
        with open(options.file) as file:
            if options.command == "verify":
                file.verify()
                print("ok")
                return 0
            for key, value in file.metadata.items():
                print(f"metadata {json.dumps(key)}: {json.dumps(value)}")
            for info in file.tensors.values():
                print(json.dumps(info.name), info.dtype, list(info.shape), info.source, "factor" if info.factor else "")
            print("weights identity", file.digest)
    except McncError as error:
        print(f"mcnc: {json.dumps(options.file)}: {error}", file=sys.stderr)
        return error.number // 100
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The independent decoder as one namespace, whatever modules it has, and with parts of it exchanged."""

import contextlib
import pathlib
import sys

import mcnc_decoder

FOLDER = pathlib.Path(mcnc_decoder.__file__).parent
MODULES = [mcnc_decoder] + [module for module in list(sys.modules.values())
                            if pathlib.Path(getattr(module, "__file__", None) or "/").parent == FOLDER]


def __getattr__(name):
    for module in MODULES:
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"the independent decoder has no {name}")


@contextlib.contextmanager
def replaced(**names):
    """Names bound to other things, in each module that has them."""
    kept = [(vars(module), name, vars(module)[name]) for module in MODULES for name in names if name in vars(module)]
    for variables, name, _ in kept:
        variables[name] = names[name]
    try:
        yield
    finally:
        for variables, name, value in kept:
            variables[name] = value

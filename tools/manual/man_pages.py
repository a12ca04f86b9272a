#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Manual pages, from what a program says of itself with --describe.

    man_pages.py DESCRIPTION VERSION PAGE...

PAGE is where a page goes: PROGRAM.1, and PROGRAM-COMMAND.1 for each command. It is a mistake to leave one out.
"""

import json
import pathlib
import re
import sys

EXIT_CODES = 'Exit codes: '


def roff(text):
    """Text as roff has it: a hyphen is the character that one types, and no line is a request."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return re.sub(r"^([.'])", r'\\&\1', text, flags=re.MULTILINE)


def bold(text):
    return f'\\fB{roff(text)}\\fR'


def italic(text):
    return f'\\fI{roff(text)}\\fR'


def with_emphasis(text):
    """A sentence in which options are bold."""
    parts = re.split(r'(?<![\w-])(--?[a-z][a-z0-9-]*)', text)
    return ''.join(bold(part) if index % 2 else roff(part) for index, part in enumerate(parts))


def paragraphs(text):
    """What stands below the options in --help, without the exit codes: they have a section."""
    return [' '.join(part.split()) for part in text.split('\n\n') if part.strip() and not part.startswith(EXIT_CODES)]


def usage(command, words):
    """One line of the synopsis."""
    line = [bold(' '.join(words)), '[\\fIOPTIONS\\fR]']
    for argument in command['arguments']:
        name = italic(argument['name']) + ('...' if argument['many'] else '')
        line.append(name if argument['required'] else f'[{name}]')
    if command['commands']:
        line.append('\\fICOMMAND\\fR ...')
    return ' '.join(line)


def described_option(option):
    names = ', '.join(bold(name) for name in option['names'])
    text = ' '.join(option['text'].split())
    if option['default']:
        text += f' [{option["default"].strip("[]")}]'
    if option['required']:
        text += ' (required)'
    return ['.TP', names + (f' {italic(option["value"])}' if option['value'] else ''), with_emphasis(text)]


def described(command):
    """Arguments, then options, group by group where there are several."""
    lines = []
    for argument in command['arguments']:
        lines += ['.TP', italic(argument['name']), with_emphasis(' '.join(argument['text'].split()))]
    groups = list(dict.fromkeys(option['group'] for option in command['options']))
    for group in groups:
        if len(groups) > 1:
            lines.append(f'.SS {roff(group)}')
        for option in command['options']:
            if option['group'] == group:
                lines += described_option(option)
    return lines


def exit_status(command):
    [text] = [part for part in command['text'].split('\n\n') if part.startswith(EXIT_CODES)]
    codes = re.findall(r'(\d) ([^\d]+?)(?:, |\.)(?=\d|$)', ' '.join(text.removeprefix(EXIT_CODES).split()))
    lines = ['.SH EXIT STATUS']
    for number, meaning in codes:
        lines += ['.TP', bold(number), roff(meaning[0].upper() + meaning[1:] + '.')]
    return lines


def page(name, summary, version, body, see_also):
    lines = ['.\\" Made by tools/manual/man_pages.py from what --help says.',
             f'.TH {roff(name.upper())} 1 "" "mcnc {version}" "User Commands"',
             '.SH NAME', f'{roff(name)} \\- {roff(summary[0].lower() + summary[1:].rstrip("."))}', *body]
    if see_also:
        lines += ['.SH SEE ALSO', ', '.join(f'{bold(other)}(1)' for other in see_also)]
    return '\n'.join(lines) + '\n'


def description(command):
    lines = ['.SH DESCRIPTION', roff(command['summary'].rstrip('.') + '.')]
    for paragraph in paragraphs(command['text']):
        lines += ['.PP', with_emphasis(paragraph)]
    return lines


def nested(command, words):
    """The sections of commands within a command, such as `mcnc meta set`."""
    lines = []
    for inner in command['commands']:
        lines += [f'.SH {roff(" ".join([*words, inner["name"]]).upper())}', usage(inner, [*words, inner['name']]), '.PP',
                  roff(inner['summary'] + '.')]
        for paragraph in paragraphs(inner['text']):
            lines += ['.PP', with_emphasis(paragraph)]
        lines += described(inner) + nested(inner, [*words, inner['name']])
    return lines


def pages(program, version):
    """By name, without the number of the section."""
    name = program['name']
    inner = {f'{name}-{command["name"]}': command for command in program['commands']}
    commands = []
    for page_name, command in inner.items():
        commands += ['.TP', f'{bold(page_name)}(1)', roff(command['summary'] + '.')]
    made = {name: page(name, program['summary'], version, [
        '.SH SYNOPSIS', usage(program, [name]), *description(program), *(['.SH COMMANDS', *commands] if commands else []),
        '.SH OPTIONS', *described(program), *exit_status(program)], list(inner))}
    for page_name, command in inner.items():
        words = [name, command['name']]
        made[page_name] = page(page_name, command['summary'], version, [
            '.SH SYNOPSIS', usage(command, words), *description(command), '.SH OPTIONS', *described(command),
            *nested(command, words), *exit_status(command)], [name])
    return made


def main():
    description_file, version, *outputs = sys.argv[1:]
    made = pages(json.loads(pathlib.Path(description_file).read_text()), version)
    wanted = {pathlib.Path(output).name.removesuffix('.1'): output for output in outputs}
    if wanted.keys() != made.keys():
        sys.exit(f'tools/manual/meson.build lacks or has too many of {sorted(wanted.keys() ^ made.keys())}')
    for name, text in made.items():
        pathlib.Path(wanted[name]).write_text(text)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Completions for shells, from what a program says of itself with --describe.

    completions.py DESCRIPTION BASH ZSH FISH

The last three are where the file for each shell goes. Commands and options are completed, and file names wherever else a
word may stand.
"""

import json
import pathlib
import re
import sys

HEAD = '# Made by tools/manual/completions.py from what --help says.\n'


def each(command, path=()):
    """The program, its commands and theirs, each with the names that lead to it, the program's own aside."""
    yield path, command
    for inner in command['commands']:
        yield from each(inner, (*path, inner['name']))


def names(command):
    return [name for option in command['options'] for name in option['names']]


def brief(text):
    """The first clause of a text, as words beside a completion."""
    return re.split(r'[;.:] |\n| \[', text)[0].rstrip('.:')


def function_name(program):
    return '_' + program['name'].replace('-', '_')


def bash(program):
    paths = [path for path, _ in each(program) if path]
    lines = [HEAD + f'{function_name(program)}() {{',
             '  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} path= commands= options= values= i']
    if paths:
        lines += ['  for ((i = 1; i < COMP_CWORD; i++)); do',
                  '    case "$path/${COMP_WORDS[i]}" in',
                  '      ' + ' | '.join('/' + '/'.join(path) for path in paths) + ') path=$path/${COMP_WORDS[i]} ;;',
                  '    esac', '  done']
    lines.append('  case "$path" in')
    for path, command in each(program):
        values = [name for option in command['options'] if option['value'] for name in option['names']]
        lines += [f"    '{''.join('/' + name for name in path)}')",
                  f"      commands='{' '.join(inner['name'] for inner in command['commands'])}'",
                  f"      options='{' '.join(names(command))}'",
                  f"      values='{' '.join(values)}' ;;"]
    lines += ['  esac', '  COMPREPLY=()',
              '  [[ " $values " == *" $before "* ]] && return  # a value follows: a file name, by default',
              '  [[ $word == -* ]] && commands=$options',
              '  mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")',
              '}', f'complete -o bashdefault -o default -F {function_name(program)} {program["name"]}']
    return '\n'.join(lines) + '\n'


def zsh_quoted(text):
    return text.replace("'", "'\\''")


def zsh_bracketed(text):
    """A text within brackets of a specification of _arguments."""
    return zsh_quoted(re.sub(r'([\[\]:\\])', r'\\\1', brief(text)))


def zsh_option(option):
    value = f':{option["value"]}:_files' if option['value'] else ''
    several = f"'({' '.join(option['names'])})'" if len(option['names']) > 1 else ''
    name = '{' + ','.join(option['names']) + '}' if several else option['names'][0]
    text = f"'[{zsh_bracketed(option['text'])}]{value}'"
    return f'{several}{name}{text}'


def zsh_function(function, command):
    """A shell function for a command, after those of the commands within it."""
    lines = []
    for inner in command['commands']:
        lines += zsh_function(f'{function}_{inner["name"]}', inner)
    arguments = [zsh_option(option) for option in command['options']]
    for argument in command['arguments']:
        place = '*' if argument['many'] else '' if argument['required'] else ':'
        arguments.append(f"'{place}:{zsh_bracketed(argument['name'])}:_files'")
    if command['commands']:
        arguments += ["': :->command'", "'*:: :->rest'"]
    lines += [f'{function}() {{', '  local curcontext=$curcontext state line', '  typeset -A opt_args',
              '  _arguments -C \\', *(f'    {argument} \\' for argument in arguments[:-1]), f'    {arguments[-1]}']
    if command['commands']:
        lines += ['  case $state in', '    command)', '      local -a commands=(']
        lines += [f"        '{inner['name']}:{zsh_quoted(brief(inner['summary']))}'" for inner in command['commands']]
        place = len(command['arguments']) + 1
        lines += ['      )', '      _describe command commands ;;',
                  f'    rest) (( $+functions[{function}_$line[{place}]] )) && {function}_$line[{place}] ;;', '  esac']
    return [*lines, '}']


def zsh(program):
    function = function_name(program)
    return '\n'.join([f'#compdef {program["name"]}', HEAD, *zsh_function(function, program), f'{function} "$@"']) + '\n'


def fish_quoted(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'") + "'"


def fish(program):
    lines = [HEAD]
    for path, command in each(program):
        seen = [f'__fish_seen_subcommand_from {name}' for name in path]
        inner = ' '.join(inner['name'] for inner in command['commands'])
        before = [*seen, *([f'not __fish_seen_subcommand_from {inner}'] if inner else [])]
        start = f'complete -c {program["name"]}'
        condition = f' -n {fish_quoted("; and ".join(before))}' if before else ''
        for option in command['options']:
            letters = ''.join(f' -l {name[2:]}' if name.startswith('--') else f' -s {name[1:]}' for name in option['names'])
            value = ' -r' if option['value'] else ''
            lines.append(f'{start}{condition}{letters}{value} -d {fish_quoted(brief(option["text"]))}')
        for inner_command in command['commands']:
            files = '' if command['arguments'] else ' -f'
            lines.append(f'{start}{condition}{files} -a {inner_command["name"]} -d {fish_quoted(brief(inner_command["summary"]))}')
    return '\n'.join(lines) + '\n'


def main():
    description, *outputs = sys.argv[1:]
    program = json.loads(pathlib.Path(description).read_text())
    for make, output in zip((bash, zsh, fish), outputs, strict=True):
        pathlib.Path(output).write_text(make(program))


if __name__ == '__main__':
    main()

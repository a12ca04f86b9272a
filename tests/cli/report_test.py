# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc report, a page for browsers, and mcnc card, a page for a hub."""

import html.parser
import json
import re
import struct
import unittest

from support import CliTest

EMPTY = {'meta', 'rect'}


class Page(html.parser.HTMLParser):
    """A page whose elements are closed in the order in which they were opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.tables, self.text = [], [], [], ''
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == 'tr':
            self.tables.append([])
        if tag in ('td', 'th'):
            self.tables[-1].append('')
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data
        if 'td' in self.open or 'th' in self.open:
            self.tables[-1][-1] += data


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    """As WCAG 2 has it."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


class ReportTest(CliTest):
    def report(self, kind, *options):
        path = self.make(kind)
        self.mcnc('report', path.name, '-o', 'page.html', '-f', *options)
        return (self.folder / 'page.html').read_text(), self.info(path)

    def test_everything_is_there(self):
        for kind in ('every', 'tiny', 'empty', 'family'):
            text, info = self.report(kind)
            page = Page(text)
            self.assertIn(info['weights_identity'], page.text)
            for tensor in info['tensors']:
                self.assertIn(tensor['digest'], page.text)
            rows = {row[0]: row for row in page.tables}
            sizes = [int(rows[name][2].replace(',', '')) for name in ('preamble', 'manifest', 'padding') if name in rows]
            sizes += [int(rows[f'segment {i}'][2].replace(',', '')) for i in range(len(info['segments']))]
            self.assertEqual(sum(sizes), info['file_length'], kind)

    def test_it_stands_alone(self):
        text, _ = self.report('every')
        page = Page(text)
        for tag, attributes in page.elements:
            self.assertNotIn(tag, ('script', 'link', 'img', 'iframe', 'object', 'a', 'base', 'form'))
            self.assertFalse({'src', 'href'} & attributes.keys() or any(key.startswith('on') for key in attributes))
        self.assertNotIn('url(', text)
        self.assertNotIn('@import', text)

    def test_it_does_not_obey_the_file(self):
        self.make('tiny')
        self.mcnc('meta', 'tiny.mcnc', 'set', 'general.name=<script>alert("1")</script>&\u202e', '-o', 'odd.mcnc')
        self.mcnc('report', 'odd.mcnc', '-o', 'odd.html')
        text = (self.folder / 'odd.html').read_text()
        self.assertNotIn('<script', text)
        self.assertNotIn('\u202e', text)
        self.assertIn('<script>alert("1")</script>&\\u{202e}', Page(text).text)

    def test_it_is_accessible(self):
        text, _ = self.report('every')
        page = Page(text)
        self.assertIn('<html lang="en">', text)
        self.assertEqual([tag for tag, _ in page.elements].count('h1'), 1)
        for tag, attributes in page.elements:
            if tag == 'svg' or attributes.get('class') == 'bar':
                self.assertEqual(attributes['role'], 'img')
                self.assertGreater(len(attributes['aria-label']), 10)
            if tag == 'th':
                self.assertIn(attributes['scope'], ('row', 'col'))
        light, dark = text.split('prefers-color-scheme: dark', 1)
        for style in (light, dark):
            colours = dict(re.findall(r'--(\w+): (#[0-9a-f]{6})', style))
            for name in ('text', 'faint'):
                self.assertGreaterEqual(contrast(colours[name], colours['back']), 4.5, name)
            for number in range(8):
                self.assertGreaterEqual(contrast(colours[f'c{number}'], colours['back']), 3, number)

    def test_histograms(self):
        """Against the numbers themselves."""
        text, info = self.report('every')
        labels = {a['aria-label'].split(':', 1)[0]: a['aria-label'] for tag, a in Page(text).elements if tag == 'svg'}
        out, _ = self.mcnc('decode', 'every.mcnc', '--raw', '-t', 'fc1.weight', '-o', '-')
        [tensor] = [t for t in info['tensors'] if t['name'] == 'fc1.weight']
        self.assertEqual(tensor['dtype'], 'F32')
        numbers = struct.unpack(f'<{len(out) // 4}f', out)
        mean = sum(numbers) / len(numbers)
        deviation = (sum((x - mean) ** 2 for x in numbers) / len(numbers)) ** 0.5
        self.assertEqual(labels['fc1.weight'], f'fc1.weight: from {min(numbers):.4g} to {max(numbers):.4g}, '
                         f'mean {mean:.4g}, standard deviation {deviation:.4g}')
        self.assertIn('alpha of codes 0', labels)
        self.assertIn('beta of codes 1', labels)

    def test_quick(self):
        text, _ = self.report('every', '--quick')
        self.assertNotIn('<svg', text)
        self.assertIn('not checked', Page(text).text)

    def test_damaged(self):
        path = self.make('tiny')
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        self.mcnc('report', path.name, '-o', 'page.html', code=1)
        self.assertFalse((self.folder / 'page.html').exists())
        self.mcnc('report', path.name, '-o', path.name, '-f', code=2)
        self.mcnc('report', 'missing', '-o', 'page.html', code=5)


class CardTest(CliTest):
    def card(self, kind, *metadata):
        path = self.make(kind)
        if metadata:
            self.mcnc('meta', path.name, 'set', *metadata, '-o', path.name, '-f')
        return self.mcnc('card', path.name)[0].decode()

    def front_matter(self, text):
        self.assertTrue(text.startswith('---\n'))
        return text.split('---\n')[1]

    def test_a_model(self):
        text = self.card('tiny', 'general.name=Small *one*', 'general.license=Apache-2.0', 'general.description=For tests.',
                         'general.author=Ada')
        self.assertIn('license: "apache-2.0"\n', self.front_matter(text))
        self.assertIn('\n# Small \\*one\\*\n\nFor tests.\n\nBy Ada.\n', text)
        self.assertIn('\nmcnc decode tiny.mcnc -o model.safetensors\n', text)
        self.assertIn(self.info('tiny.mcnc')['weights_identity'], text)
        for heading in ('Training', 'Evaluation', 'Limits and risks'):
            self.assertIn(f'\n## {heading}\n', text)

    def test_an_adapter(self):
        text = self.card('lora_that_says_alpha')
        self.assertIn('- lora\n', self.front_matter(text))
        self.assertIn('\nmcnc export --peft lora_that_says_alpha.mcnc ', text)
        self.assertIn('# license: ', self.front_matter(text))

    def test_it_does_not_obey_the_file(self):
        text = self.card('tiny', 'general.name=x\n---\n# y', 'general.license="\n---', 'general.url=[x](javascript:1)')
        self.assertEqual(text.count('\n---\n'), 1)
        [license_line] = [line for line in self.front_matter(text).splitlines() if line.startswith('license: ')]
        self.assertEqual(json.loads(license_line.removeprefix('license: ')), '"\n---')
        self.assertNotIn('[x](', text)

    def test_a_file(self):
        self.make('tiny')
        self.mcnc('card', 'tiny.mcnc', '-o', 'README.md')
        self.assertEqual((self.folder / 'README.md').read_bytes(), self.mcnc('card', 'tiny.mcnc')[0])
        self.mcnc('card', 'tiny.mcnc', '-o', 'README.md', code=2)
        self.mcnc('card', 'tiny.mcnc', '-o', 'tiny.mcnc', '-f', code=2)
        self.mcnc('card', 'README.md', code=3)


if __name__ == '__main__':
    unittest.main()

"""One table of texts that a user could type to break something, and what each format makes of one.

The structure of a document must not depend on the words in it: so each format is read by a parser
of its own, and what the parser finds around the words is compared with that of harmless words.
"""

import ast
import json
import re
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree

from tests.support import package

HARMLESS = "Harmless words"

HOSTILE = {
    "html": "<script>alert(1)</script><b onclick='x'>&amp;\"'-->",
    "html image": '"><img src=x onerror=alert(1)>',
    "latex input": r"w}\input{/etc/passwd}",
    "latex write": r"\immediate\write18{true}\end{document}",
    "latex signs": r"50% of $x_1^2$ & #1 ~ {a} \ ^^5cinput |d| `e' <<f>>",
    "latex braces": "}{",
    "yaml": 'a: "b"\n- c: [d, {e: !!python/object:os.system "f"}]\n---\n# g',
    "markdown": "*a* _b_ `c` [d](javascript:e) ![f](g) # h | i ~~j~~ <k>",
    "markdown fence": "```\n\n# heading\n\n- item\n\n> quotation",
    "markdown host": "{{< include /etc/passwd >}} {math}`x` {{ 7 * 7 }} $$a$$ @eq-a [^1] %%",
    "python quotes": '"""; import os; os.system("true") #',
    "python lines": "a\nimport os\nos.system('true')\r\n'''\x0cb",
    "python escapes": r"\N{LATIN SMALL LETTER A} \x41 \u0041 \\",
    "template": r"{{ 7 * 7 }} {% raw %} {# #} \VAR{title} \BLOCK{x} ${a} %(b)s {c!r} {l} {}",
    "controls": "a\0b\x07c\x08d\x0be\x7ff\x9fg\u2028h\u2029i",
    "ansi": "a\x1b[31mb\x1b]0;c\x07d\x9b1me",
    "bidi": "a\u202eb\u2066c\u2069d\u200fe\ufefff",
    "surrogates": "a\ud800b\udcffc",
    "other letters": "Übung e\u0301 网络 β 🙂 \u0126 ﬁ",
    "long": "x" * 10_000,
    "paths": "../../etc/passwd; $(true) `true` | true && true",
    "empty": "",
    "blank": " \t\n ",
}
"""Texts by what they aim at."""


def is_shown(text: str) -> bool:
    """Whether a text has printable characters, ends of lines and invisible operators only."""
    return all(one.isprintable() or one in "\n\u2061\u2062\u2063\u2064" for one in text)


# -- what stands around the words ----------------------------------------------------------------


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[object] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag, tuple(sorted(name for name, _ in attrs))] += 1

    def handle_endtag(self, tag: str) -> None:
        self.found["/", tag] += 1

    def handle_comment(self, data: str) -> None:
        self.found["comment"] += 1


def html_structure(text: str) -> Counter[object]:
    """Elements with their attributes, and comments."""
    parser = _Tags()
    parser.feed(text)
    parser.close()
    return parser.found


def xml_structure(text: str) -> list[object]:
    """Elements with their attributes, of a document that an XML parser takes."""
    return [(one.tag, sorted(one.attrib)) for one in ElementTree.fromstring(text).iter()]


_COMMAND = re.compile(r"\\([A-Za-z]+|.)|(?<!\\)([%$&#{}^_~])", re.DOTALL)
_SAFE = {
    "textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater", "textbar",
    "textquotedbl", "textasciigrave", "ensuremath", "beta", *"{}$&#_%",
}  # fmt: skip


def latex_structure(text: str) -> Counter[str]:
    """Commands and active characters, without those that only set a character."""
    text = re.sub(r"\\text[a-z]+\{\}|\\ensuremath\{\\[a-z]+\}|\\[{}$&#_%]", "", text)
    return Counter(found[0] for found in _COMMAND.finditer(text))


def markdown_structure(text: str) -> list[str]:
    """Blocks and marks of Markdown, without where the words are."""
    parser = package("markdown_it").MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found = []
    for token in parser.parse(text):
        found.append(token.type)
        children = [one.type for one in token.children or ()]
        found += [one for one in children if one not in ("text", "text_special", "softbreak")]
    return found


def python_structure(text: str) -> str:
    """The code of a module, without its docstring."""
    tree = ast.parse(text)
    assert ast.get_docstring(tree) is not None
    return ast.dump(ast.Module(tree.body[1:], []))


def json_structure(value: object) -> object:
    """The keys of a JSON text and the kinds of its values."""
    data = json.loads(value) if isinstance(value, str) else value
    if isinstance(data, dict):
        return {key: json_structure([one]) for key, one in data.items()}
    if isinstance(data, list):
        return [json_structure([]) if not isinstance(one, dict | list) else json_structure(one)
                for one in data] if data else "value"  # fmt: skip
    return "value"


def text_structure(text: str) -> int:
    """The number of lines of plain text."""
    return len(text.split("\n"))

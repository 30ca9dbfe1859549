"""The pages for people, as text: what is in code, what is a command, what can be linked to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """One Markdown file; ``name`` is its path in the project."""

    name: str

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return (ROOT / self.name).read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The file without its fenced blocks."""
        return _FENCED.sub("", self.text)

    @cached_property
    def inline(self) -> tuple[str, ...]:
        """What stands between single backticks."""
        return tuple(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", self.prose))

    @cached_property
    def commands(self) -> tuple[str, ...]:
        """Lines of shell blocks, and what looks like a command in the prose."""
        lines = [line.strip() for kind, block in self.blocks if kind == "sh" for line in block.splitlines()]
        said = [it for it in self.inline if it.split()[0] in ("make", "python", "pulumi", "aws")]
        return tuple(line for line in (*lines, *said) if line)

    @cached_property
    def blocks(self) -> tuple[tuple[str, str], ...]:
        """Fenced blocks: language and text."""
        return tuple((kind, block) for _, kind, block in _FENCED.findall(self.text))

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where its links and pictures lead to, but for addresses of the web."""
        inline = re.findall(r"\]\(([^)\s]+)\)", self.prose)
        return tuple(to for to in inline if not to.startswith("http"))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a link to a place of this page may name, as GitHub makes it of a heading."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)

    @property
    def folder(self) -> Path:
        """Where its relative links begin."""
        return (ROOT / self.name).parent

    def __str__(self) -> str:
        return self.name


def _pages(*patterns: str) -> tuple[Page, ...]:
    return tuple(Page(str(it.relative_to(ROOT))) for pattern in patterns for it in sorted(ROOT.glob(pattern)))


README = Page("README.md")
DOCS = _pages("docs/*.md")
"""One question a page."""
PAGES = _pages("*.md", "docs/*.md", "docs/decisions/*.md", "rehearsal/*.md", "sample/*.md", "configuration/*/*.md")
"""Everything that people read."""


def page(name: str) -> Page:
    """The page of that path."""
    return next(it for it in PAGES if it.name == name)

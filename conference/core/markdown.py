"""Markdown of people to HTML that is safe on our pages: cleaned once, when it is written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "del", "em", "h3", "h4", "hr", "i", "li", "ol",
    "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    parser.disable("image")
    return parser


@cache
def _cleaner() -> Any:
    import nh3

    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
        strip_comments=True,
    )


def to_html(text: str) -> str:
    """HTML of an allow-list: no pictures, no scripts, no styles; tables and links survive."""
    if not text.strip():
        return ""
    parser = _parser()
    tokens = parser.parse(text)
    lowered = _below_the_page([token.tag for token in tokens])
    for token in tokens:
        token.tag = lowered.get(token.tag, token.tag)
    cleaned: str = _cleaner().clean(parser.renderer.render(tokens, parser.options, {}))
    return cleaned.strip()


def _below_the_page(tags: list[str]) -> dict[str, str]:
    """The page has its own h1 and h2: the highest heading of a text is h3, all others h4."""
    used = [tag for tag in HEADINGS if tag in tags]
    return {tag: "h3" if tag == used[0] else "h4" for tag in used}


def both(texts: Mapping[str, str]) -> dict[str, str]:
    """The same for a text in two languages; a language without text stays without."""
    made = {language: to_html(text) for language, text in texts.items()}
    return {language: html for language, html in made.items() if html}

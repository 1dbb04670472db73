"""SVG as matplotlib writes it, made fit to stand inside a page: short, and in the page's own colours."""

import re
from xml.etree import ElementTree as ET

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def fit_for_page(svg: str, ink: str) -> str:
    """Return the drawing as an element for HTML; `ink` becomes the colour of the text around it.

    It is as wide as its place, and its letters are those of the page.
    """
    root = ET.fromstring(svg[svg.index("<svg") :].replace(ink, "currentColor"))
    _drop(root)
    _unwrap(root)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        if target := element.attrib.pop(f"{{{_XLINK}}}href", None):
            element.set("href", target)
        for name, value in element.attrib.items():
            element.set(name, _short(name, value))
        element.tail = None
        if element.tag != "text":
            element.text = None
    root.attrib = {
        "viewBox": root.get("viewBox", ""),
        "width": "100%",
        "stroke-linejoin": "round",
        "font-family": "inherit",
        "aria-hidden": "true",
    }
    return ET.tostring(root, encoding="unicode")


def _drop(element: ET.Element) -> None:
    """Take out what nobody sees."""
    for child in list(element):
        _drop(child)
        is_unseen = child.tag.endswith("}path") and child.get("style") == "fill: none"
        is_about = child.tag.endswith(("}metadata", "}style"))
        is_empty = child.tag.endswith(("}g", "}defs")) and not len(child)
        if is_unseen or is_about or is_empty:
            element.remove(child)


def _unwrap(element: ET.Element) -> None:
    """Put what groups hold in their place where they do nothing but group."""
    children: list[ET.Element] = []
    for child in list(element):
        _unwrap(child)
        does_something = child.attrib.keys() - {"id"}
        children += [child] if does_something or not child.tag.endswith("}g") else list(child)
        element.remove(child)
    element.extend(children)


def _short(name: str, value: str) -> str:
    value = re.sub(
        r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value
    )
    if name == "style":
        value = re.sub(r"font-family: [^;\"]*?(;|$)|stroke-linecap: square;? ?", "", value)
        value = value.replace(": ", ":").replace("; ", ";").strip("; ")
    return " ".join(value.split())

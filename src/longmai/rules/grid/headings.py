"""Headings: an expression or a name, and perhaps a type in parentheses after it."""


def split_heading(text: str, *, output: bool) -> tuple[str, str]:
    """Return what a heading names, and its type; before an input's type stands a blank.

    >>> split_heading("月补助 (number)", output=True), split_heading("count(子女)", output=False)
    (('月补助', 'number'), ('count(子女)', ''))
    """
    before, opened, inner = text.rpartition("(")
    if not (opened and inner.endswith(")")) or ")" in inner[:-1]:
        return text, ""
    named = before.rstrip()
    if not output and (not named or named == before):
        return text, ""
    return named, inner[:-1].strip()


def join_heading(text: str, type_: str, *, output: bool) -> str:
    """Return a heading; ``split_heading`` gives the two back.

    >>> join_heading("f (x)", "", output=False)
    'f (x) ()'
    """
    if type_:
        return f"{text} ({type_})".strip()
    # Empty parentheses say that the text's own are no type.
    return f"{text} ()" if split_heading(text, output=output) != (text, "") else text

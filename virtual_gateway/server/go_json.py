"""JSON as the server reads it, with the words it refuses other texts in."""

import json
import re
from typing import Any

_BLANKS = " \t\r\n"
_ESCAPES = '"\\/bfnrt'
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")


class GoJsonError(ValueError):
    """A text that is no JSON; the error is worded as the server words it."""


class Number(str):
    """A number as it is written: 1.0 is not 1 to the server."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """An object's pairs in their order; a key may come twice."""


def read_json(raw: bytes) -> Any:
    """Return a JSON value: Number for numbers, Pairs for objects."""
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(
            text,
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_constant,
            object_pairs_hook=Pairs,
        )
    except (ValueError, RecursionError) as err:
        try:
            _Scanner(raw.decode("latin-1")).check()
        except RecursionError:
            raise GoJsonError("invalid character '[' exceeded max depth") from err
        raise GoJsonError("unexpected end of JSON input") from err


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _quoted(char: str) -> str:
    if char == "'":
        return r"'\''"
    if char == '"':
        return "'\"'"
    return f"'{json.dumps(char, ensure_ascii=False)[1:-1]}'"


class _Scanner:
    """Finds the first character that cannot stand where it stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def check(self) -> None:
        """Raise GoJsonError for the first fault."""
        self._value()
        if (char := self._next()) is not None:
            raise self._wrong(char, "after top-level value")

    def _next(self) -> str | None:
        """Return the next character that is no blank; it stays the next."""
        while self._at < len(self._text) and self._text[self._at] in _BLANKS:
            self._at += 1
        return self._text[self._at] if self._at < len(self._text) else None

    def _need(self) -> str:
        """Return the next character that is no blank; there must be one."""
        char = self._next()
        if char is None:
            raise GoJsonError("unexpected end of JSON input")
        return char

    def _raw(self) -> str | None:
        """Return the next character, a blank or not; nothing at the end."""
        return self._text[self._at] if self._at < len(self._text) else None

    def _wrong(self, char: str, context: str) -> GoJsonError:
        return GoJsonError(f"invalid character {_quoted(char)} {context}")

    def _value(self) -> None:
        char = self._need()
        if char == "{":
            self._at += 1
            self._object()
        elif char == "[":
            self._at += 1
            self._array()
        elif char == '"':
            self._string()
        elif char == "-" or char.isdigit():
            self._number()
        elif char in "tfn":
            self._word({"t": "true", "f": "false", "n": "null"}[char])
        else:
            raise self._wrong(char, "looking for beginning of value")

    def _object(self) -> None:
        first = True
        while True:
            char = self._need()
            if first and char == "}":
                break
            if char != '"':
                raise self._wrong(char, "looking for beginning of object key string")
            self._string()
            if (char := self._need()) != ":":
                raise self._wrong(char, "after object key")
            self._at += 1
            self._value()
            if (char := self._need()) == "}":
                break
            if char != ",":
                raise self._wrong(char, "after object key:value pair")
            self._at += 1
            first = False
        self._at += 1

    def _array(self) -> None:
        if self._need() == "]":
            self._at += 1
            return
        while True:
            self._value()
            char = self._need()
            self._at += 1
            if char == "]":
                return
            if char != ",":
                raise self._wrong(char, "after array element")

    def _string(self) -> None:
        self._at += 1
        while (char := self._raw()) is not None:
            self._at += 1
            if char == '"':
                return
            if char == "\\":
                self._escape()
            elif char < " ":
                raise self._wrong(char, "in string literal")
        raise GoJsonError("unexpected end of JSON input")

    def _escape(self) -> None:
        char = self._raw()
        if char is None:
            return
        self._at += 1
        if char == "u":
            for _ in range(4):
                if (digit := self._raw()) is None:
                    return
                if digit not in "0123456789abcdefABCDEF":
                    raise self._wrong(digit, "in \\u hexadecimal character escape")
                self._at += 1
        elif char not in _ESCAPES:
            raise self._wrong(char, "in string escape code")

    def _number(self) -> None:
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            self._at += 1
            raise self._wrong(self._raw() or " ", "in numeric literal")
        self._at = match.end()
        char = self._raw()
        if char == ".":
            self._at += 1
            raise self._wrong(
                self._raw() or " ", "after decimal point in numeric literal"
            )
        if char is not None and char in "eE":
            self._at += 1
            raise self._wrong(self._raw() or " ", "in exponent of numeric literal")

    def _word(self, word: str) -> None:
        for wanted in word:
            char = self._raw() or " "
            if char != wanted:
                context = f"in literal {word} (expecting {_quoted(wanted)})"
                raise self._wrong(char, context)
            self._at += 1

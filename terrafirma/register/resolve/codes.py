"""Texts that look like codes."""

FLAG = 0x1F1E6
LETTER_A = ord("A")
CODE_LENGTHS = (2, 3, 4)
LONGEST = 12
"""Characters of the longest code."""


def read_flag_emoji(text: str) -> str:
    """The alpha-2 code of a flag emoji; empty for any other text."""
    if len(text) != 2:
        return ""
    letters = [ord(character) - FLAG for character in text]
    if all(0 <= letter < 26 for letter in letters):
        return "".join(chr(LETTER_A + letter) for letter in letters)
    return ""


def looks_like_code(text: str) -> bool:
    """Return true for two to four letters in a single case, for three digits, and for codes with a
    hyphen."""
    if len(text) > LONGEST or not text.isascii():
        return False
    if text.isalpha():
        return len(text) in CODE_LENGTHS and (text.isupper() or text.islower())
    if text.isdigit():
        return len(text) == 3
    return "-" in text and " " not in text

"""The encoding of a text file: UTF-8, UTF-16 by its mark, else windows-1252, as browsers and Excel read files.

What is neither is not guessed. Where the bytes read better in another encoding, the file's sender is asked,
and shown some words in each encoding that it may be.
"""

import codecs
import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from terrafirma.dataset.files import read_file
from terrafirma.errors import Hint, Invalid

FALLBACK = "cp1252"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = (
    "àâæçéèêëîïôœùûüÿ",
    "äöüß",
    "áéíóúüñªº",
    "áâàçéêíóôúüªºãõ",
    "àèéìíîòóùúªº",
    "äåöéàüá",
    "äåöéšž",
    "æøåéóôüäö",
    "éèëïóöüáíúçê",
    "àçèéíïòóúü",
    "ëêôîûéïáè",
    "ðþáéíóúýæö",
    "ðáíóúýæø",
    "äõöüšž",
)
"""Letters beyond ASCII of languages that are written in windows-1252, a language each."""
RARE = ("ðþáéíóúýæö", "ðáíóúýæø", "äõöüšž")
"""Those of languages so small that another reading of the same bytes is as likely."""
LATIN = {
    "cp1250": (
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "ăâîșțşţ",
        "čćđšž",
        "ëç",
    ),
    "cp1254": ("çğıİöşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "cp1258": ("ăâđêôơưàáãèéẽìíòóõùúýỳ\u0300\u0301\u0303\u0309\u0323",),
    "iso8859_15": WESTERN,
    "mac_roman": WESTERN,
    "cp850": WESTERN,
    "mac_latin2": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű"),
    "iso8859_2": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž"),
}
"""The same of other encodings."""
SCRIPTS = {
    "cp1251": "\u0400-\u04ff",
    "koi8_r": "\u0400-\u04ff",
    "cp866": "\u0400-\u04ff",
    "cp1253": "\u0370-\u03ff",
    "iso8859_7": "\u0370-\u03ff",
    "cp1255": "\u0590-\u05ff",
    "cp1256": "\u0600-\u06ff",
    "cp874": "\u0e00-\u0e7f",
    "cp932": "\u3040-\u30ff\u4e00-\u9fff",
    "euc_jp": "\u3040-\u30ff\u4e00-\u9fff",
    "gb18030": "\u4e00-\u9fff",
    "big5": "\u4e00-\u9fff",
    "cp949": "\uac00-\ud7af",
}
"""Encodings of other scripts, and the letters of those."""
ODD = (re.compile("õ(?!e)"), re.compile("(?<![hmrtçf])ã(?![oes])"))
"""Letters where Portuguese, the one western language that has them, does not write them."""
SYMBOLS = frozenset("’‘“”–—«»…•€£¥§©®°±²³µ·¼½¾×÷¿¡")
"""Signs that stand beside letters, but not between them."""
KNOWN = 0.5
"""How much it counts that words are names of countries, in any language."""
MARGIN = 0.08
"""By how much another encoding must read better than windows-1252 for its sender to be asked."""
UNION = 0.8
"""How much letters of several western languages count beside those of one."""
SHOWN, LISTED = 3, 4
"""Words that are shown of each candidate, and candidates beside windows-1252."""
WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*")
RUN = re.compile(rb"[A-Za-z']*[\x80-\xff][\x80-\xffA-Za-z'\x40-\x7e]*")
NAME_WORD = re.compile(r"[A-Za-z']*[^\x00-\x7f][^\x00-\x26\x28-\x3f]*")
BESIDE = re.compile(
    r"’|(?<![^\W\d_])[{symbols}]|[{symbols}](?![^\W\d_])".format(symbols="".join(SYMBOLS))
)
SAMPLE = 20_000
"""Bytes of words beyond ASCII that are looked at, of all lines of the file."""


class EncodingCandidate(NamedTuple):
    """An encoding that a file may have, and some of its words as they read in it."""

    encoding: str
    words: list[str]


def find_encoding(pieces: Iterable[bytes], start: bytes, asked: str = "") -> tuple[str, str | None]:
    """Return the encoding of a text by its first bytes and all its pieces, and one of its words beyond ASCII.

    asked: its encoding, as its sender says. Raise Invalid where the sender must say.
    """
    marked = next((name for mark, name in MARKS if start.startswith(mark)), asked)
    words, valid = survey(pieces)
    if not marked and not valid and start[:200].count(0) > len(start[:200]) // 4:
        raise Invalid.advised(
            "The file looks like UTF-16 without a byte order mark", name_orders("utf-16")
        )
    encoding = marked or ("utf-8" if valid else "")
    if not encoding:
        candidates = rank(words, list_known())
        if not candidates or candidates[0].encoding != FALLBACK:
            raise ask(candidates)
        encoding = FALLBACK
    return encoding, find_word(words, start, encoding)


def find_word(words: bytes, start: bytes, encoding: str) -> str | None:
    """Return the first word beyond ASCII; of UTF-16, whose bytes show none, the first at the start."""
    if encoding.startswith("utf-16"):
        found = re.search(r"\w*[^\W\x00-\x7f]\w*", start.decode(encoding, "ignore"))
        return found[0] if found else None
    # A byte order mark is beyond ASCII too, but shows nothing.
    read = (decode(word, encoding) for word in words.split(b"\n"))
    return next((word for word in read if word and not word.isascii()), None)


def survey(pieces: Iterable[bytes]) -> tuple[bytes, bool]:
    """Return the words beyond ASCII of all pieces, up to SAMPLE, and whether every piece is UTF-8."""
    found = bytearray()
    valid = True
    for piece in pieces:
        if piece.isascii():
            continue
        valid = valid and decode(piece, "utf-8") is not None
        if len(found) < SAMPLE:
            found += b"\n".join(RUN.findall(piece)) + b"\n"
    return bytes(found[:SAMPLE]).rpartition(b"\n")[0] or bytes(found), valid


def rank(words: bytes, known: frozenset[str]) -> list[EncodingCandidate]:
    """Return the encodings that words may be in, the likeliest first: windows-1252 where none reads better."""
    pieces = [piece for piece in dict.fromkeys(words.split(b"\n")) if piece]
    western = decode_all(pieces, FALLBACK)
    better: list[tuple[float, str]] = []
    telling = pieces
    for encoding in (*LATIN, *SCRIPTS):
        read = decode_all(pieces, encoding)
        # Only words that read differently count: most letters of western Europe have one place in many encodings.
        places = [place for place, word in enumerate(read) if not western or word != western[place]]
        gain = rate_words(encoding, [read[place] for place in places], known)
        gain -= (
            rate_words(FALLBACK, [western[place] for place in places], known) if western else 0.0
        )
        if places and gain >= MARGIN:
            better.append((gain, encoding))
            telling = [pieces[place] for place in places] if gain == max(better)[0] else telling
    found = [encoding for _, encoding in sorted(better, reverse=True)[:LISTED]]
    shown = sorted(telling, key=len, reverse=True)[:SHOWN]
    return [
        EncodingCandidate(each, decode_all(shown, each))
        for each in (*found, *([FALLBACK] if western else []))
    ]


def decode_all(pieces: list[bytes], encoding: str) -> list[str]:
    """Return words as text; empty where one of them is not in an encoding."""
    read = [decode(piece, encoding) for piece in pieces]
    return [] if None in read else [each for each in read if each is not None]


def rate_words(encoding: str, words: list[str], known: frozenset[str]) -> float:
    """Return how well words read in an encoding: by their letters, and by how many are known."""
    text = "\n".join(words)
    alphabets = LATIN.get(encoding, ())
    if encoding in SCRIPTS:
        read = rate_script(text, SCRIPTS[encoding])
    elif alphabets:
        read = max(rate(text, letters) for letters in alphabets)
    else:
        read = rate_western(text)
    return read + KNOWN * sum(word in known for word in words) / max(len(words), 1)


@cache
def list_known() -> frozenset[str]:
    """Return the words beyond ASCII in the names of countries, in every language."""
    names = (name for record in read_file("names") for name in record["names"].values())
    return frozenset(word for name in names for word in NAME_WORD.findall(name))


def decode(data: bytes, encoding: str) -> str | None:
    """Return a text; None where it is not in an encoding."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def rate_western(text: str) -> float:
    """Return how well a text reads in windows-1252: in a single language, or in several."""
    rated = [rate(text, letters) * (0.9 if letters in RARE else 1) for letters in WESTERN]
    return max(*rated, UNION * rate(text, "".join(WESTERN)))


def rate_script(text: str, letters: str) -> float:
    """Return the share of the characters beyond ASCII of a text that are whole words of a script."""
    good = total = 0
    for word in text.split("\n"):
        beyond = len(re.findall(r"[^\x00-\x7f]", word))
        total += beyond
        # A word is of one script, and begins with its capital.
        if not re.search(r"[A-Za-z]|[а-яё][А-ЯЁ]", word):
            good += len(re.findall(f"[{letters}]", word))
    return good / total if total else 0.0


def rate(text: str, letters: str) -> float:
    """Return the share of the characters beyond ASCII of a text that an alphabet explains."""
    good = total = 0
    for word in text.split("\n"):
        beyond = [letter for letter in word if not letter.isascii()]
        total += len(beyond)
        # Three in a row are no word of these languages, but one of another script.
        if re.search(r"[^\x00-\x7f]{3}", word):
            continue
        good += sum(letter.lower() in letters or letter in letters for letter in beyond)
        good += len(BESIDE.findall(word))
        good -= sum(len(pattern.findall(word.lower())) for pattern in ODD if "ã" in letters)
    return max(min(good / total, 1.0), 0.0) if total else 1.0


def name_orders(encoding: str) -> list[Hint]:
    """Return the ways to name the order of the bytes of an encoding."""
    orders = {"le": "reads the low byte first", "be": "reads the high byte first"}
    return [Hint("encoding", f"{encoding}-{order}", effect) for order, effect in orders.items()]


def ask(candidates: list[EncodingCandidate]) -> Invalid:
    """Return the refusal that asks a file's sender for its encoding."""
    if not candidates:
        return Invalid(
            "The file is in no encoding that is known here; send it as UTF-8, or name its encoding."
        )
    return Invalid.advised(
        "The file is not UTF-8, and may be in several encodings",
        [Hint("encoding", each.encoding, f"reads {', '.join(each.words)}") for each in candidates],
    )

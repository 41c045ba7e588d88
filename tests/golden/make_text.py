"""Writes tests/golden/text/*.json: words, n-grams and vocabularies as scikit-learn makes them.

Made with Python 3.11 (Unicode 14.0), scikit-learn 1.7.2. Run: python tests/golden/make_text.py
"""

import json
import pathlib
import re
import unicodedata

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils import murmurhash3_32

OUT = pathlib.Path(__file__).parent / "text"
OUT.mkdir(exist_ok=True)

TEXTS = [
    "Senior C++ Developer (m/f/d), 40h/week - Berlin_Mitte!",
    "Técnico/a de LOGÍSTICA en Málaga: ¡incorporación inmediata! 24x7",
    "Diseñador gráfico · años de experiencia: 3½ ²",
    "e\u0301te\u0301 n\u0303andu\u0301 İSTANBUL straße ẞ ΟΔΥΣΣΕΥΣ",
    "日本語の求人 हिन्दी नौकरी русский Ёлка",
    "emoji 🚀🚀 ads™ №5 Ⓐⓑ ﬁlología x\u200by it's don’t",
    "",
    " a b c - ",
    "one_two __ _x 1_000 3.14",
]


def ranges(flags):
    out = []
    for code, flag in enumerate(flags):
        if flag and out and out[-1][1] == code - 1:
            out[-1][1] = code
        elif flag:
            out.append([code, code])
    return out


def word_characters():
    is_word = re.compile(r"\w").match
    codes = [c for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
    word = {c for c in codes if is_word(chr(c))}
    other = set(codes) - word
    return {"word": ranges([c in word for c in range(0x110000)]), "other": ranges([c in other for c in range(0x110000)])}


def analysis():
    cases = []
    for lowercase in (True, False):
        for accents in (None, "unicode"):
            for ngrams in ((1, 1), (1, 3), (2, 2)):
                analyze = CountVectorizer(lowercase=lowercase, strip_accents=accents, ngram_range=ngrams).build_analyzer()
                cases.append({
                    "lowercase": lowercase,
                    "strip_accents": accents is not None,
                    "ngram_range": ngrams,
                    "terms": [analyze(text) for text in TEXTS],
                })
    return {"texts": TEXTS, "cases": cases}


def characters():
    texts = TEXTS + ["tabs\tand \n lines\u2028\u3000end", " lead  trail  ", "\x1c \x1fa\x85b"]
    cases = []
    for unit in ("char", "char_wb"):
        for accents in (None, "unicode"):
            for ngrams in ((1, 1), (2, 4), (5, 5)):
                analyze = CountVectorizer(analyzer=unit, strip_accents=accents, ngram_range=ngrams).build_analyzer()
                cases.append({
                    "unit": unit,
                    "strip_accents": accents is not None,
                    "ngram_range": ngrams,
                    "terms": [analyze(text) for text in texts],
                })
    return {"texts": texts, "cases": cases}


def hashes():
    texts = ["", "a", "ab", "abc", "abcd", "título", "machine learning", "日本語", "x" * 37]
    seeds = [0, 1, 42, 2**31, 2**32 - 1]
    return {"texts": texts, "seeds": seeds, "hashes": [[murmurhash3_32(t, seed=s, positive=True) for s in seeds] for t in texts]}


for name, data in [("word_characters", word_characters()), ("analysis", analysis()), ("characters", characters()), ("hashes", hashes())]:
    (OUT / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")

//! Words and n-grams against scikit-learn's.

use adflux_testing::fixture;
use adflux_text::{Analyzer, Unit, characters::is_word, murmur3};
use serde::Deserialize;

#[derive(Deserialize)]
struct Characters {
    word: Vec<(u32, u32)>,
    other: Vec<(u32, u32)>,
}

#[test]
fn word_characters_are_those_of_python() {
    let characters: Characters = fixture("text/word_characters.json");
    for (ranges, expected) in [(&characters.word, true), (&characters.other, false)] {
        for code in ranges.iter().flat_map(|(first, last)| *first..=*last) {
            let c = char::from_u32(code).unwrap();
            assert!(is_word(c) == expected, "U+{code:04X} {c}: expected {expected}");
        }
    }
}

#[derive(Deserialize)]
struct Analysis {
    texts: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    lowercase: bool,
    strip_accents: bool,
    ngram_range: (usize, usize),
    terms: Vec<Vec<String>>,
}

#[test]
fn terms_are_those_of_scikit_learn() {
    let Analysis { texts, cases } = fixture("text/analysis.json");
    for case in cases {
        let analyzer = Analyzer::default()
            .lowercase(case.lowercase)
            .strip_accents(case.strip_accents)
            .ngram_range(case.ngram_range.0..=case.ngram_range.1);
        for (text, expected) in texts.iter().zip(&case.terms) {
            assert_eq!(&analyzer.terms(text), expected, "{analyzer:?}: {text}");
        }
    }
}

#[derive(Deserialize)]
struct Characterwise {
    texts: Vec<String>,
    cases: Vec<CharacterCase>,
}

#[derive(Deserialize)]
struct CharacterCase {
    unit: Unit,
    strip_accents: bool,
    ngram_range: (usize, usize),
    terms: Vec<Vec<String>>,
}

#[test]
fn runs_of_characters_are_those_of_scikit_learn() {
    let Characterwise { texts, cases } = fixture("text/characters.json");
    for case in cases {
        let analyzer = Analyzer::default()
            .unit(case.unit)
            .strip_accents(case.strip_accents)
            .ngram_range(case.ngram_range.0..=case.ngram_range.1);
        for (text, expected) in texts.iter().zip(&case.terms) {
            assert_eq!(&analyzer.terms(text), expected, "{analyzer:?}: {text:?}");
        }
    }
}

#[derive(Deserialize)]
struct Hashes {
    texts: Vec<String>,
    seeds: Vec<u32>,
    hashes: Vec<Vec<u32>>,
}

#[test]
fn hashes_are_those_of_scikit_learn() {
    let Hashes { texts, seeds, hashes } = fixture("text/hashes.json");
    for (text, expected) in texts.iter().zip(&hashes) {
        let ours: Vec<u32> = seeds.iter().map(|seed| murmur3(text.as_bytes(), *seed)).collect();
        assert_eq!(&ours, expected, "{text}");
    }
}

//! Texts as counts and hashes, against scikit-learn. The fixtures are made by `tests/golden/make_text_vectors.py`.

use crate::{names, texts, values};
use adflux_core::{Component, Context, Features, Fit, FitTransform, Registry, Saved, Training, Transform};
use adflux_preprocessing::{
    CountVectorizer, FittedTfidfVectorizer, HashingVectorizer, Norm, Stemming, StopWords, TfidfVectorizer, Unit,
};
use adflux_testing::{assert_all_close, fixture};
use ndarray::Array2;
use serde::{Deserialize, de::DeserializeOwned};

#[derive(Deserialize)]
#[serde(bound = "P: DeserializeOwned")]
struct Golden<P> {
    texts: Vec<String>,
    unseen: Vec<String>,
    cases: Vec<Case<P>>,
}

#[derive(Deserialize)]
struct Case<P> {
    params: P,
    #[serde(default)]
    terms: Vec<String>,
    train: Vec<(usize, usize, f64)>,
    unseen: Vec<(usize, usize, f64)>,
}

fn features(all: &[String]) -> Features {
    texts("t", &all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The entries of a sparse matrix that are not 0.
fn entries(x: &Features) -> Vec<(usize, usize, f64)> {
    let adflux_core::Values::Sparse(x) = x.blocks()[0].values() else { panic!("not sparse") };
    x.iter().filter(|(value, _)| **value != 0.0).map(|(value, (row, column))| (row, column, *value)).collect()
}

fn compare<P>(name: &str)
where
    P: DeserializeOwned + std::fmt::Debug + FitTransform<Features>,
    P::Fitted: Transform<Features, Output = Features>,
{
    let golden: Golden<P> = fixture(name);
    assert!(!golden.cases.is_empty());
    for case in golden.cases {
        let training = Training::new(features(&golden.texts));
        let (fitted, train) = case.params.fit_transform(training, &Context::default()).unwrap();
        if !case.terms.is_empty() {
            let terms: Vec<&str> = names(&train).into_iter().map(|name| name.strip_prefix("t:").unwrap()).collect();
            assert_eq!(terms, case.terms, "{:?}", case.params);
        }
        let again = fitted.transform(features(&golden.texts)).unwrap();
        assert_eq!(entries(&again), entries(&train), "fit_transform is fit, then transform");
        let unseen = fitted.transform(features(&golden.unseen)).unwrap();
        for (ours, theirs) in [(&train, &case.train), (&unseen, &case.unseen)] {
            let ours = entries(ours);
            let theirs: Vec<_> = theirs.iter().filter(|(.., value)| *value != 0.0).collect();
            let places = |(row, column, _): &(usize, usize, f64)| (*row, *column);
            assert_eq!(
                ours.iter().map(places).collect::<Vec<_>>(),
                theirs.iter().map(|e| places(e)).collect::<Vec<_>>(),
                "{:?}",
                case.params
            );
            let of = |all: Vec<f64>| all;
            let theirs = of(theirs.iter().map(|e| e.2).collect());
            assert_all_close(&ours.iter().map(|e| e.2).collect::<Vec<_>>(), &theirs, 1e-12);
        }
    }
}

#[test]
fn count_vectorizer() {
    compare::<CountVectorizer>("text_vectors/count.json");
}

#[test]
fn tfidf_of_characters() {
    compare::<TfidfVectorizer>("text_vectors/tfidf_characters.json");
}

#[test]
fn hashing_vectorizer() {
    compare::<HashingVectorizer>("text_vectors/hashing.json");
}

#[test]
fn forms_of_a_word_are_one_feature_with_stems() {
    let titles = || Training::new(texts("t", &["Developers and managers", "A developer managing", "manage"]));
    let recipe = CountVectorizer::default().stemming(Stemming::English).stop_words(StopWords::English);
    let counts = recipe.fit_transform(titles(), &Context::default()).unwrap().1;
    assert_eq!(names(&counts), ["t:develop", "t:manag"]);
    assert_eq!(values(&counts), ndarray::array![[1.0, 1.0], [1.0, 1.0], [0.0, 1.0]]);
    let weighed = TfidfVectorizer::default().stemming(Stemming::English).norm(Norm::None).use_idf(false);
    let weighed = weighed.fit_transform(titles(), &Context::default()).unwrap().1;
    assert_eq!(names(&weighed), ["t:and", "t:develop", "t:manag"]);
}

#[test]
fn parameters_that_do_not_go_together_are_refused() {
    let says = |recipe: CountVectorizer, what: &str| {
        let said = recipe.fit(Training::new(texts("t", &["java"]))).unwrap_err().to_string();
        assert!(said.contains(what), "{said}");
    };
    let recipe = CountVectorizer::default;
    says(recipe().analyzer(Unit::Char).stop_words(StopWords::English), "`stop_words`");
    says(recipe().analyzer(Unit::CharWb).stemming(Stemming::Spanish), "`stemming`");
    says(recipe().lowercase(false).stemming(Stemming::Spanish), "leave `lowercase` on");
    says(recipe().ngram_range((2, 1)), "`ngram_range`");
    let wide = HashingVectorizer::default().n_features(usize::MAX).fit(Training::new(texts("t", &["java"])));
    assert!(wide.unwrap_err().to_string().contains("`n_features`"));
}

#[test]
fn hashes_know_the_column_that_they_come_from() {
    let x = HashingVectorizer::default()
        .n_features(3)
        .fit_transform(Training::new(texts("t", &["a b"])), &Context::default());
    let x = x.unwrap().1;
    assert_eq!(names(&x), ["t#0", "t#1", "t#2"]);
    assert!(x.columns().all(|c| c.sources == ["t"]));
    // Single letters are no words.
    assert_eq!(values(&x), Array2::<f64>::zeros((1, 3)));
}

/// The state of an analyzer before there were characters and stems had four fields.
#[test]
fn a_tfidf_state_of_version_1_weighs_as_it_did() {
    let x = texts("t", &["Java developer", "Sales manager"]);
    let fitted = TfidfVectorizer::default().fit(Training::new(x.clone())).unwrap();
    let saved = Saved::of(&fitted).unwrap();
    assert_eq!(saved.version, 2);
    // In MessagePack a map of up to 15 entries begins with 0x80 + its length, a short string with 0xa0 + its length.
    let field = |name: &str, value: &str| {
        let short = |text: &str| [&[0xa0 + text.len() as u8][..], text.as_bytes()].concat();
        [short(name), short(value)].concat()
    };
    let (later, first) = ([field("unit", "word"), field("stemming", "none")].concat(), field("stop_words", "none"));
    let at = saved.state.windows(later.len()).position(|w| w == later).expect("the fields of version 2");
    assert!(saved.state[..at].ends_with(&first));
    let mut state = saved.state.clone();
    state.drain(at..at + later.len());
    let map = state.windows(10).position(|w| w[0] == 0x86 && &w[2..] == b"lowercas").expect("a map of six");
    state[map] = 0x84;
    let old = Saved { version: 1, state, ..saved };
    let loaded = FittedTfidfVectorizer::from_state(old.version, &old.state, &Registry::new()).unwrap();
    assert_eq!(entries(&loaded.transform(x.clone()).unwrap()), entries(&fitted.transform(x).unwrap()));
}

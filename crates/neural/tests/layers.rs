//! Layers of sequences, images and fields against Keras: `tests/golden/make_neural_layers.py`.

use crate::keras::{Nested, close, read, untrained};
use adflux_neural::{Embedding, GlobalMaxPooling1D, Model, NamedLayer, Samples, Sequential, Symbol};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    /// One behind the other; the first takes all inputs.
    layers: Vec<NamedLayer>,
    x: Vec<Nested>,
    weights: BTreeMap<String, Nested>,
    y: Nested,
}

fn model(case: &Case) -> Model {
    let shape = |x: &Nested| x.array().shape()[1..].to_vec();
    if let [x] = &case.x[..] {
        let model = Sequential::new(shape(x));
        return case.layers.iter().cloned().fold(model, Sequential::add).into_model();
    }
    let inputs: Vec<Symbol> =
        case.x.iter().enumerate().map(|(place, x)| Symbol::input(&format!("input_{place}"), shape(x))).collect();
    let from: Vec<&Symbol> = inputs.iter().collect();
    Model::new(&inputs, [&Symbol::merge(&from, case.layers[0].clone())]).unwrap()
}

fn are_those_of_keras(file: &str, count: usize) {
    let golden: Golden = read(file);
    assert_eq!(golden.cases.len(), count);
    for case in golden.cases {
        let mut network = model(&case).compile(untrained()).unwrap();
        let names: Vec<String> = network.weight_names().map(|(name, _)| name.to_string()).collect();
        assert_eq!(names.len(), case.weights.len(), "{}: {names:?}", case.name);
        for name in names {
            network.set_weight(&name, &case.weights[&name].array()).unwrap();
        }
        let first = Samples::from(&case.x[0].array());
        let x = case.x[1..].iter().fold(first, |all, x| all.and(&x.array()));
        let found = &network.predict_all(&x).unwrap()[0].1;
        assert_eq!(found.shape(), case.y.array().shape(), "{}", case.name);
        close(&case.name, found.iter().copied(), &case.y, 1e-5);
    }
}

#[test]
fn recurrent_layers_are_those_of_keras_with_and_without_padding() {
    are_those_of_keras("layers_recurrent", 36);
}

#[test]
fn convolutions_and_pooling_are_those_of_keras() {
    are_those_of_keras("layers_windows", 41);
}

#[test]
fn a_global_maximum_leaves_padding_out() {
    let model = Sequential::new([2]).add(Embedding::new(3, 1).mask_zero(true)).add(GlobalMaxPooling1D);
    let mut network = model.compile(untrained()).unwrap();
    let vectors = ndarray::array![[9.0], [-1.0], [2.0]].into_dyn();
    network.set_weight("embedding/embeddings", &vectors).unwrap();
    let found = network.predict(&ndarray::array![[1u8, 0], [1, 2], [0, 0]]).unwrap();
    assert_eq!(found, ndarray::array![[-1.0], [2.0], [0.0]]);
}

#[test]
fn attention_is_that_of_keras_with_and_without_padding() {
    are_those_of_keras("layers_attention", 11);
}

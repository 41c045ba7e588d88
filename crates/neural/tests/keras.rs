//! The numbers of Keras: `tests/golden/make_neural.py`.

use adflux_neural::{
    Activate, Activation, BatchNormalization, Compile, Dense, FitOptions, LayerNormalization, Loss, NamedLayer,
    Network, Optimizer, Regularizer, Sequential, Sgd,
};
use adflux_testing::fixture;
use ndarray::{Array1, Array2, ArrayD, IxDyn};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// Numbers of any number of axes.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Nested {
    Number(f64),
    List(Vec<Nested>),
}

impl Nested {
    pub fn array(&self) -> ArrayD<f32> {
        let (mut shape, mut level) = (Vec::new(), self);
        while let Nested::List(list) = level {
            shape.push(list.len());
            level = &list[0];
        }
        let mut flat = Vec::new();
        self.flatten(&mut flat);
        ArrayD::from_shape_vec(IxDyn(&shape), flat).unwrap()
    }
    fn flatten(&self, into: &mut Vec<f32>) {
        match self {
            Nested::Number(value) => into.push(*value as f32),
            Nested::List(list) => list.iter().for_each(|one| one.flatten(into)),
        }
    }
}

pub fn close(what: &str, ours: impl IntoIterator<Item = f32>, theirs: &Nested, tolerance: f32) {
    let (ours, theirs): (Vec<f32>, Vec<f32>) = (ours.into_iter().collect(), theirs.array().into_iter().collect());
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (place, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{what}, number {place}: {a} where Keras has {b}");
    }
}

pub fn read<T: DeserializeOwned>(name: &str) -> T {
    fixture(&format!("neural/{name}.json"))
}

pub fn untrained() -> Compile {
    Compile::new(Sgd::default(), Loss::MeanSquaredError)
}

#[derive(Deserialize)]
struct Activations {
    x: Nested,
    of: BTreeMap<String, Curve>,
}
#[derive(Deserialize)]
struct Curve {
    y: Nested,
}

#[test]
fn activations_are_those_of_keras() {
    let golden: Activations = read("activations");
    assert_eq!(golden.of.len(), 22);
    for (name, curve) in golden.of {
        let activation: Activation = name.parse().unwrap();
        assert_eq!(activation.name(), name);
        let network = Sequential::new([4]).add(Activate::new(activation)).compile(untrained()).unwrap();
        close(&name, network.predict(&golden.x.array()).unwrap(), &curve.y, 2e-6);
    }
}

#[derive(Deserialize)]
struct Losses {
    cases: Vec<LossCase>,
}
#[derive(Deserialize)]
struct LossCase {
    name: String,
    loss: Loss,
    truth: Nested,
    predicted: Nested,
    value: f64,
    weights: Vec<f64>,
    weighted: f64,
}

#[test]
fn losses_are_those_of_keras_with_and_without_weights() {
    let golden: Losses = read("losses");
    assert_eq!(golden.cases.len(), 16);
    for case in golden.cases {
        let predicted = case.predicted.array();
        // A network that gives back what goes in.
        let model = Sequential::new([predicted.shape()[1]]).add(Activate::default());
        let network = model.compile(Compile::new(Sgd::default(), case.loss)).unwrap();
        let found = network.evaluate(&predicted, &case.truth.array(), None).unwrap().get("loss").unwrap();
        assert!((found - case.value).abs() < 2e-6 * (1.0 + case.value), "{}: {found} for {}", case.name, case.value);
        let weights = Array1::from(case.weights);
        let found =
            network.evaluate(&predicted, &case.truth.array(), Some(weights.view())).unwrap().get("loss").unwrap();
        assert!((found - case.weighted).abs() < 2e-6 * (1.0 + case.weighted), "{} weighted: {found}", case.name);
    }
}

#[derive(Deserialize)]
struct Layers {
    cases: Vec<LayerCase>,
}
#[derive(Deserialize)]
struct LayerCase {
    name: String,
    layer: NamedLayer,
    x: Nested,
    training: bool,
    y: Nested,
    weights: BTreeMap<String, Nested>,
    after: BTreeMap<String, Nested>,
}

/// Sets the weights that Keras had, which it names without the layer.
fn set(network: &mut Network, weights: &BTreeMap<String, Nested>) {
    let names: Vec<String> = network.weight_names().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names.len(), weights.len());
    for name in names {
        let short = name.rsplit('/').next().unwrap();
        network.set_weight(&name, &weights[short].array()).unwrap();
    }
}

#[test]
fn layers_are_those_of_keras() {
    let golden: Layers = read("layers");
    assert!(golden.cases.len() >= 8);
    for case in golden.cases {
        let x = case.x.array();
        let model = Sequential::new(&x.shape()[1..]).add(case.layer);
        // A rate of 0: one step moves nothing but the moving averages, and its loss is that of what came out while learning.
        let mut network = model.compile(Compile::new(Sgd::new(0.0), Loss::MeanSquaredError)).unwrap();
        set(&mut network, &case.weights);
        if case.training {
            let y = case.y.array();
            let options = FitOptions::default().batch_size(x.shape()[0]).shuffle(false);
            let loss = network.fit(&x, &y, options).unwrap().last("loss").unwrap();
            assert!(loss < 1e-9, "{}: what comes out while learning is off by {loss}", case.name);
        } else {
            let all = network.predict_all(&x).unwrap();
            assert_eq!(all[0].1.shape(), case.y.array().shape(), "{}", case.name);
            close(&case.name, all[0].1.iter().copied(), &case.y, 5e-6);
        }
        let names: Vec<String> = network.weight_names().map(|(name, _)| name.to_string()).collect();
        for name in names {
            let short = name.rsplit('/').next().unwrap();
            close(&format!("{} {short}", case.name), network.weight(&name).unwrap(), &case.after[short], 2e-6);
        }
    }
}

#[derive(Deserialize)]
struct Optimizers {
    x: Nested,
    y: Nested,
    row_weights: Vec<f64>,
    start: Vec<Nested>,
    cases: Vec<OptimizerCase>,
}
#[derive(Deserialize)]
struct OptimizerCase {
    name: String,
    optimizer: Optimizer,
    loss: Vec<f64>,
    accuracy: Vec<f64>,
    predicted: Nested,
    weights: Vec<Nested>,
}

#[test]
fn twenty_steps_of_every_optimizer_end_where_keras_does() {
    let golden: Optimizers = read("optimizers");
    assert_eq!(golden.cases.len(), 8);
    for case in golden.cases {
        let penalty = Regularizer { l1: 1e-3, l2: 1e-2 };
        let mut network = Sequential::new([5])
            .add(Dense::new(6).activation(Activation::Relu).kernel_regularizer(penalty))
            .add(BatchNormalization::default().momentum(0.9))
            .add(Dense::new(4).activation(Activation::Tanh))
            .add(LayerNormalization::default())
            .add(Dense::new(1).activation(Activation::Sigmoid))
            .compile(Compile::new(case.optimizer, Loss::binary_crossentropy()).metrics(["accuracy"]))
            .unwrap();
        let names: Vec<String> = network.weight_names().map(|(name, _)| name.to_string()).collect();
        for (name, weight) in names.iter().zip(&golden.start) {
            network.set_weight(name, &weight.array()).unwrap();
        }
        let options = FitOptions::default().epochs(4).batch_size(8).shuffle(false).sample_weight(&golden.row_weights);
        let history = network.fit(&golden.x.array(), &golden.y.array(), options).unwrap();
        for (epoch, loss) in case.loss.iter().enumerate() {
            let ours = history.get("loss").unwrap()[epoch];
            assert!((ours - loss).abs() < 2e-5, "{} epoch {epoch}: loss {ours}, Keras {loss}", case.name);
        }
        assert_eq!(history.get("accuracy").unwrap().len(), case.accuracy.len());
        history.get("accuracy").unwrap().iter().zip(&case.accuracy).for_each(|(a, b)| assert!((a - b).abs() < 1e-6));
        for (name, weight) in names.iter().zip(&case.weights) {
            close(&format!("{} {name}", case.name), network.weight(name).unwrap(), weight, 1e-4);
        }
        close(&case.name, network.predict(&golden.x.array()).unwrap(), &case.predicted, 1e-4);
    }
}

#[test]
fn what_is_predicted_does_not_depend_on_the_batch() {
    let network = crate::data::network(3, 4);
    let (x, _) = crate::data::leads(2500, 3, 1);
    let all = network.predict(&x).unwrap();
    let last: Array2<f32> = network.predict(&x.slice(ndarray::s![2400.., ..]).to_owned()).unwrap();
    assert!(all.slice(ndarray::s![2400.., ..]).iter().zip(&last).all(|(a, b)| (a - b).abs() < 1e-6));
}

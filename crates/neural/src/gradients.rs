//! Derivatives against finite differences: of every layer, activation and loss.
//!
//! What is derived is Σ c·out with fixed uneven factors c, summed in f64. Differences are of the fourth order, so that a step can be
//! wide enough for f32: with a step of 0.02 what is cut off and what is rounded are both near 1e-5.

use crate::{
    Activation, Crossentropy, Loss,
    flow::{Flow, Value, with},
    pass::Pass,
};
use adflux_core::random::stream;
use burn::tensor::{Device, Tensor};
use rand::RngExt as _;

mod layers;

const STEP: f32 = 0.02;
const TOLERANCE: f64 = 1e-3;

/// Numbers in row-major order and their shape, as they stand on the host.
type Numbers = (Vec<f32>, Vec<usize>);

/// Numbers between −1.5 and 1.5, no two closer than a quarter of a step of an even grid: a maximum never changes places within a step.
fn apart(shape: &[usize], seed: u64) -> Numbers {
    let count: usize = shape.iter().product();
    let mut rng = stream(seed, &[]);
    let mut places: Vec<usize> = (0..count).collect();
    (1..count).rev().for_each(|last| places.swap(last, rng.random_range(0..=last)));
    // 0.123 off the middle: nothing stands on a kink at 0.
    (places.into_iter().map(|place| (place as f32 + 0.377) / count as f32 * 3.0 - 1.5).collect(), shape.to_vec())
}

/// Compares the derivatives of `f` with differences, for each number of each of `arguments`.
fn check(what: &str, arguments: &[Numbers], f: impl Fn(&[Value], &Device) -> Value) {
    let plain = Device::flex();
    let place_all = |arguments: &[Numbers], device: &Device| -> Vec<Value> {
        arguments.iter().map(|(numbers, shape)| Value::new(numbers.clone(), shape, device)).collect()
    };
    let factor =
        |place: usize| 0.5 + ((place * 7) % 11) as f32 / 8.0 * if place.is_multiple_of(3) { -1.0 } else { 1.0 };
    let sum_at = |arguments: &[Numbers]| -> f64 {
        let out = f(&place_all(arguments, &plain), &plain).into_vec();
        out.into_iter().enumerate().map(|(place, v)| f64::from(v) * f64::from(factor(place))).sum()
    };
    let device = Device::flex().autodiff();
    let tracked: Vec<Value> = place_all(arguments, &device).into_iter().map(Value::require_grad).collect();
    let out = f(&tracked, &device).vector();
    let factors: Vec<f32> = (0..out.dims()[0]).map(factor).collect();
    let mut gradients = (out * Tensor::<1>::from_floats(factors.as_slice(), &device)).sum().backward();
    for (argument, tracked) in tracked.into_iter().enumerate() {
        let derived: Vec<f32> =
            with!(tracked, t => t.grad_remove(&mut gradients).map(|g| g.try_into_vec_as::<f32>().unwrap()))
                .unwrap_or_else(|| panic!("{what}: argument {argument} has no derivative"));
        assert_eq!(derived.len(), arguments[argument].0.len(), "{what}, argument {argument}");
        for (place, derived) in derived.into_iter().enumerate() {
            let moved = |steps: f32| {
                let mut arguments = arguments.to_vec();
                arguments[argument].0[place] += steps * STEP;
                sum_at(&arguments)
            };
            let (one, two) = (moved(1.0) - moved(-1.0), moved(2.0) - moved(-2.0));
            let difference = (8.0 * one - two) / (12.0 * f64::from(STEP));
            let off = (f64::from(derived) - difference).abs();
            assert!(
                off <= TOLERANCE * (1.0 + difference.abs()),
                "{what}, argument {argument}, number {place}: derivative {derived}, differences say {difference}"
            );
        }
    }
}

#[test]
fn activations_have_their_derivatives() {
    // Away from the kinks at −3, −1, 0, 1, 3 and 6 by more than two steps.
    let x = vec![-3.6, -2.2, -1.4, -0.7, -0.2, 0.15, 0.6, 1.3, 2.4, 3.5, 4.7, 6.4];
    for activation in crate::activation::ALL {
        check(activation.name(), &[(x.clone(), vec![3, 4])], |x, _| activation.of(x[0].clone()));
    }
}

#[test]
fn losses_have_their_derivatives() {
    let how = |from_logits, label_smoothing| Crossentropy { from_logits, label_smoothing };
    let real = || (vec![0.3, -1.2, 2.6, 0.7, -0.4, 1.9], vec![3, 2]);
    let positive = || (vec![0.3, 1.2, 2.6, 0.7, 0.4, 1.9], vec![3, 2]);
    let one = || (vec![0.2, 0.85, 0.5], vec![3, 1]);
    let shares = || (vec![0.2, 0.5, 0.3, 0.1, 0.3, 0.6, 0.4, 0.4, 0.2], vec![3, 3]);
    let scores = || (vec![0.2, -0.5, 1.3, -2.1, 0.3, 0.6, 0.4, 1.4, -0.2], vec![3, 3]);
    let aim = vec![1.0, -0.4, 0.1, 1.4, 1.9, 1.1];
    let (binary, hot, classes) = (vec![1.0, 0.0, 1.0], vec![0., 1., 0., 0., 0., 1., 1., 0., 0.], vec![1.0, 2.0, 0.0]);
    let counts = vec![0.0, 2.0, 1.0, 3.0, 1.0, 0.0];
    let cases: Vec<(Loss, Vec<f32>, Numbers)> = vec![
        (Loss::MeanSquaredError, aim.clone(), real()),
        (Loss::MeanAbsoluteError, aim.clone(), real()),
        (Loss::huber(), aim.clone(), real()),
        (Loss::MeanSquaredLogarithmicError, counts.clone(), positive()),
        (Loss::Poisson, counts, positive()),
        (Loss::quantile([0.1, 0.7]), vec![1.0, -0.4, 0.1], real()),
        (Loss::binary_crossentropy(), binary.clone(), one()),
        (Loss::BinaryCrossentropy(how(false, 0.1)), binary.clone(), one()),
        (Loss::BinaryCrossentropy(how(true, 0.1)), binary.clone(), (vec![0.4, -1.3, -2.2], vec![3, 1])),
        (Loss::binary_focal_crossentropy(), binary.clone(), one()),
        (Loss::BinaryFocalCrossentropy { gamma: 1.5, alpha: Some(0.25) }, binary, one()),
        (Loss::categorical_crossentropy(), hot.clone(), shares()),
        (Loss::CategoricalCrossentropy(how(true, 0.2)), hot, scores()),
        (Loss::sparse_categorical_crossentropy(), classes.clone(), shares()),
        (Loss::SparseCategoricalCrossentropy(how(true, 0.2)), classes, scores()),
    ];
    for (loss, truth, predicted) in cases {
        let truth_shape = [predicted.1[0], loss.truth_width(predicted.1[1]).unwrap()];
        check(loss.name(), &[predicted], |predicted, device| {
            let truth = Value::new(truth.clone(), &truth_shape, device).matrix();
            Value::One(loss.of_rows(truth, predicted[0].clone().matrix()))
        });
    }
}

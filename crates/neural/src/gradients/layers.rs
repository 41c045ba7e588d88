//! Every kind of layer, by its weights and inputs.

use super::*;
use crate::layers::*;

/// A layer under derivation: the shapes of what goes in, and whether its last steps are padding.
struct Case {
    layer: Layer,
    inputs: Vec<Vec<usize>>,
    masked: bool,
}

fn of(layer: impl Into<Layer>, inputs: &[&[usize]]) -> Case {
    Case { layer: layer.into(), inputs: inputs.iter().map(|shape| shape.to_vec()).collect(), masked: false }
}

fn masked(layer: impl Into<Layer>, inputs: &[&[usize]]) -> Case {
    Case { masked: true, ..of(layer, inputs) }
}

fn cases() -> Vec<Case> {
    vec![
        of(Dense::new(3).activation(Activation::Tanh), &[&[4, 2]]),
        of(Dense::new(3).use_bias(false), &[&[2, 3, 2]]),
        of(Dropout::new(0.4), &[&[3, 4]]),
        of(Embedding::new(4, 3), &[&[2, 2]]),
        of(Activate::new(Activation::Softmax), &[&[3, 4]]),
        of(Flatten, &[&[2, 3, 2]]),
        of(Reshape::new([2, 3]), &[&[2, 6]]),
        of(Concatenate, &[&[2, 2, 3], &[2, 2, 1]]),
        of(Add, &[&[2, 3], &[2, 3], &[2, 3]]),
        of(Multiply, &[&[2, 3], &[2, 3]]),
        of(BatchNormalization::default(), &[&[5, 3]]),
        of(BatchNormalization::default().scale(false), &[&[2, 3, 2]]),
        of(LayerNormalization::default(), &[&[2, 3, 4]]),
        of(LayerNormalization::default().scale(false).center(false), &[&[3, 4]]),
        of(Lstm::new(2).return_sequences(true), &[&[2, 5, 3]]),
        masked(Lstm::new(3).go_backwards(true), &[&[3, 4, 2]]),
        of(Gru::new(3), &[&[2, 4, 2]]),
        masked(Gru::new(2).return_sequences(true).use_bias(false), &[&[3, 5, 2]]),
        masked(Bidirectional::new(Lstm::new(2).return_sequences(true)), &[&[2, 3, 2]]),
        of(Bidirectional::new(Gru::new(2)).merge_mode(MergeMode::Mul), &[&[2, 3, 2]]),
        of(Bidirectional::new(Gru::new(2)).merge_mode(MergeMode::Sum), &[&[2, 3, 2]]),
        of(Bidirectional::new(Lstm::new(2)).merge_mode(MergeMode::Ave), &[&[2, 3, 2]]),
        masked(MultiHeadAttention::new(2, 2).dropout(0.2), &[&[2, 3, 3]]),
        of(MultiHeadAttention::new(2, 3).value_dim(1).causal(true), &[&[2, 3, 2]]),
        masked(MultiHeadAttention::new(1, 2).use_bias(false), &[&[2, 2, 3], &[2, 4, 2]]),
        of(PositionEmbedding::new(3), &[&[2, 3, 2]]),
        of(TransformerEncoder::new(3, 2).activation(Activation::Gelu).dropout(0.2), &[&[2, 3, 4]]),
        masked(TransformerEncoder::new(3, 1).activation(Activation::Tanh).normalize_first(true), &[&[2, 3, 4]]),
        of(Conv1D::new(2, 3).padding(Padding::Same).strides(2), &[&[2, 6, 2]]),
        of(Conv1D::new(2, 2).dilation_rate(2).activation(Activation::Tanh), &[&[2, 5, 2]]),
        of(Conv2D::new(2, [2, 3]).padding(Padding::Same).strides([2, 2]), &[&[2, 4, 5, 2]]),
        of(Conv2D::new(2, [3, 2]).use_bias(false), &[&[1, 4, 4, 2]]),
        of(DepthwiseConv2D::new([3, 2]).depth_multiplier(2).padding(Padding::Same), &[&[2, 3, 4, 2]]),
        of(MaxPooling1D::new(3).strides(2).padding(Padding::Same), &[&[1, 6, 2]]),
        of(MaxPooling2D::new([2, 3]).strides([1, 2]).padding(Padding::Same), &[&[1, 3, 5, 1]]),
        of(AveragePooling1D::new(3).strides(2).padding(Padding::Same), &[&[2, 6, 2]]),
        of(AveragePooling2D::new([2, 3]).strides([1, 2]).padding(Padding::Same), &[&[2, 3, 5, 2]]),
        of(GlobalAveragePooling1D, &[&[2, 3, 2]]),
        masked(GlobalAveragePooling1D, &[&[2, 4, 2]]),
        masked(GlobalMaxPooling1D, &[&[2, 4, 1]]),
        of(GlobalAveragePooling2D, &[&[2, 2, 3, 2]]),
        of(GlobalMaxPooling2D, &[&[1, 2, 3, 2]]),
    ]
}

/// The layer's output from weights and inputs, in this order; codes are no argument of a derivative.
fn forward(case: &Case, weights: usize, arguments: &[Value], learns: bool, device: &Device) -> Value {
    let (weights, inputs) = arguments.split_at(weights);
    let mut pass = if learns { Pass::learning(device, 3, 1) } else { Pass::predicting(device) };
    let codes = || {
        let shape = &case.inputs[0];
        Value::new((0..shape.iter().product()).map(|place: usize| (place * 2 % 3) as f32).collect(), shape, device)
    };
    let inputs = if inputs.is_empty() { vec![codes()] } else { inputs.to_vec() };
    let flows = inputs.into_iter().map(|value| {
        let shape = value.shape();
        let real = |place: usize| f32::from(u8::from(place % shape[1] < shape[1] - 1 - place / shape[1] % 2));
        let mask = case.masked.then(|| {
            let real = (0..shape[0] * shape[1]).map(real).collect();
            Value::new(real, &shape[..2], device).matrix().not_equal_elem(0.0)
        });
        Flow { value, mask }
    });
    case.layer.forward(flows.collect(), weights, &mut pass).value
}

#[test]
fn layers_have_their_derivatives_in_learning_and_in_prediction() {
    for (number, case) in cases().into_iter().enumerate() {
        let samples: Vec<&[usize]> = case.inputs.iter().map(|shape| &shape[1..]).collect();
        case.layer.check().unwrap();
        let out = case.layer.output(&samples).unwrap();
        let specs = case.layer.weights(&samples);
        let all: Vec<Numbers> = (specs.iter().enumerate())
            .map(|(place, spec)| {
                let (mut numbers, shape) = apart(&spec.shape, (100 * number + place) as u64);
                // Variances are above 0.
                let variance = spec.name == "moving_variance";
                numbers.iter_mut().for_each(|v| *v = if variance { 1.0 + v.abs() } else { *v * 0.6 });
                (numbers, shape)
            })
            .collect();
        let takes_codes = matches!(case.layer, Layer::Embedding(_));
        let inputs =
            case.inputs.iter().enumerate().map(|(place, shape)| apart(shape, (100 * number + 50 + place) as u64));
        let inputs: Vec<Numbers> = if takes_codes { Vec::new() } else { inputs.collect() };
        for learns in [false, true] {
            let what = format!("{} (case {number}, learning {learns})", case.layer.kind());
            // While learning, a normalization does not read its moving averages.
            let fixed = |place: usize| learns && !specs[place].trainable;
            let derived: Vec<Numbers> = (0..all.len())
                .filter(|place| !fixed(*place))
                .map(|place| all[place].clone())
                .chain(inputs.clone())
                .collect();
            check(&what, &derived, |arguments, device| {
                let mut given = arguments.iter().cloned();
                let weights = (0..all.len()).map(|place| match fixed(place) {
                    true => Value::new(all[place].0.clone(), &all[place].1, device),
                    false => given.next().unwrap(),
                });
                let mut arguments: Vec<Value> = weights.collect();
                arguments.extend(given);
                let value = forward(&case, all.len(), &arguments, learns, device);
                assert_eq!(value.shape()[1..], out, "{what}");
                value
            });
        }
    }
}

#[test]
fn no_layer_is_left_out() {
    let there: Vec<&str> = cases().iter().map(|case| case.layer.kind()).collect();
    let missing: Vec<&&str> = KINDS.iter().filter(|kind| !there.contains(kind)).collect();
    assert!(missing.is_empty(), "no derivative is checked of {missing:?}");
}

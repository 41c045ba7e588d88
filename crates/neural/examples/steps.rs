//! Milliseconds a step of small networks: `Network::fit` beside a loop written by hand on burn's tensors, on the same data, one after
//! the other, several times. `benches/peers/keras.py` runs it beside Keras.
//!
//! `cargo run --release -p adflux-neural --example steps`

use adflux_core::{Result, random::stream};
use adflux_neural::{Activation, Adam, Compile, Dense, FitOptions, Loss, Sequential};
use burn::tensor::{Device, Tensor, TensorData, activation};
use ndarray::{Array1, Array2};
use rand::RngExt as _;
use std::time::Instant;

/// A dense layer of the loop by hand: weights, and Adam's two moments of them.
struct Layer {
    kernel: [Tensor<2>; 3],
    bias: [Tensor<1>; 3],
}

fn layer(inputs: usize, units: usize, device: &Device) -> Layer {
    let mut rng = stream(1, &[inputs as u64, units as u64]);
    let limit = (6.0 / (inputs + units) as f64).sqrt();
    let start: Vec<f32> = (0..inputs * units).map(|_| ((rng.random::<f64>() * 2.0 - 1.0) * limit) as f32).collect();
    let zeros = || Tensor::zeros([inputs, units], device);
    let flat = || Tensor::zeros([units], device);
    let kernel = [Tensor::from_data(TensorData::new(start, [inputs, units]), device), zeros(), zeros()];
    Layer { kernel, bias: [flat(), flat(), flat()] }
}

/// Adam's step on tensors.
fn moved<const D: usize>(state: &mut [Tensor<D>; 3], gradient: Tensor<D>, alpha: f64) {
    state[1] = state[1].clone() * 0.9 + gradient.clone() * 0.1;
    state[2] = state[2].clone() * 0.999 + gradient.square() * 0.001;
    state[0] = state[0].clone() - state[1].clone() * alpha / (state[2].clone().sqrt() + 1e-7);
}

fn by_hand(x: &[f32], y: &[f32], columns: usize, widths: &[usize], batch: usize, epochs: usize) -> f64 {
    let (plain, device) = (Device::flex(), Device::flex().autodiff());
    let mut sizes = vec![columns];
    sizes.extend(widths);
    let mut layers: Vec<Layer> = sizes.windows(2).map(|pair| layer(pair[0], pair[1], &plain)).collect();
    let start = Instant::now();
    let mut step = 0;
    for _ in 0..epochs {
        for (rows, truth) in x.chunks(batch * columns).zip(y.chunks(batch)) {
            step += 1;
            let input = Tensor::<2>::from_data(TensorData::new(rows.to_vec(), [truth.len(), columns]), &device);
            let truth = Tensor::<2>::from_data(TensorData::new(truth.to_vec(), [truth.len(), 1]), &device);
            let tracked: Vec<(Tensor<2>, Tensor<1>)> = (layers.iter())
                .map(|l| (l.kernel[0].clone().autodiff().require_grad(), l.bias[0].clone().autodiff().require_grad()))
                .collect();
            let mut out = input;
            for (place, (kernel, bias)) in tracked.iter().enumerate() {
                out = burn::tensor::module::linear(out, kernel.clone(), Some(bias.clone()));
                out = if place + 1 < tracked.len() { activation::relu(out) } else { activation::sigmoid(out) };
            }
            let p = out.clamp(1e-7, 1.0 - 1e-7);
            let loss = -(truth.clone() * p.clone().log() + (-truth + 1.0) * (-p + 1.0).log()).mean();
            let mut gradients = loss.backward();
            let alpha = 1e-3 * (1.0 - 0.999f64.powi(step)).sqrt() / (1.0 - 0.9f64.powi(step));
            for (layer, (kernel, bias)) in layers.iter_mut().zip(tracked) {
                if let Some(gradient) = kernel.grad_remove(&mut gradients) {
                    moved(&mut layer.kernel, gradient, alpha);
                }
                if let Some(gradient) = bias.grad_remove(&mut gradients) {
                    moved(&mut layer.bias, gradient, alpha);
                }
            }
        }
    }
    1e3 * start.elapsed().as_secs_f64() / f64::from(step)
}

fn by_fit(x: &Array2<f32>, y: &Array1<f32>, widths: &[usize], batch: usize, epochs: usize) -> Result<f64> {
    let last = widths.len() - 1;
    let bend = |place: usize| if place < last { Activation::Relu } else { Activation::Sigmoid };
    let model = widths.iter().enumerate().fold(Sequential::new([x.ncols()]), |model, (place, units)| {
        model.add(Dense::new(*units).activation(bend(place)))
    });
    let mut network = model.compile(Compile::new(Adam::default(), Loss::binary_crossentropy()))?;
    let start = Instant::now();
    network.fit(x, y, FitOptions::default().epochs(epochs).batch_size(batch))?;
    Ok(1e3 * start.elapsed().as_secs_f64() / (epochs * x.nrows().div_ceil(batch)) as f64)
}

fn main() -> Result<()> {
    let mut rng = stream(7, &[]);
    println!("{:<28}{:>12}{:>14}{:>8}", "", "adflux, ms", "by hand, ms", "ratio");
    for (widths, batch, epochs) in [(&[64, 64, 32, 1][..], 32, 4), (&[64, 128, 64, 1][..], 256, 16)] {
        let rows = 16_384;
        let x = Array2::from_shape_fn((rows, 20), |_| rng.random::<f32>());
        let y: Array1<f32> = x.rows().into_iter().map(|row| f32::from(u8::from(row[0] + row[1] > 1.0))).collect();
        let (flat, truth): (Vec<f32>, Vec<f32>) = (x.iter().copied().collect(), y.to_vec());
        let mut runs = Vec::new();
        for _ in 0..5 {
            runs.push((by_fit(&x, &y, widths, batch, epochs)?, by_hand(&flat, &truth, 20, widths, batch, epochs)));
        }
        let median = |of: fn(&(f64, f64)) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let (ours, raw) = (median(|run| run.0), median(|run| run.1));
        println!("{:<28}{ours:>12.4}{raw:>14.4}{:>8.2}", format!("{widths:?}, batch {batch}"), ours / raw);
    }
    Ok(())
}

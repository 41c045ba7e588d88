//! [`Pass`]: one way of a batch through a network.

use crate::flow::Value;
use adflux_core::random::stream;
use burn::tensor::{Device, Tensor};
use rand::Rng as _;

/// What the random numbers of a network are for: the first step of a stream's path under its seed.
pub(crate) mod purpose {
    pub(crate) const WEIGHTS: u64 = 0;
    pub(crate) const DROPOUT: u64 = 1;
    pub(crate) const SHUFFLE: u64 = 2;
}

/// A moving average that the batch moves: the place of its weight, the value of the batch, and the share of the old that stays.
pub(crate) struct Moved {
    pub(crate) weight: usize,
    pub(crate) batch: Tensor<2>,
    pub(crate) momentum: f64,
}

/// What layers need to know while a batch runs through them, and what they leave behind.
pub(crate) struct Pass<'a> {
    device: &'a Device,
    /// The seed of the network and the number of the step, while it learns.
    learning: Option<(u64, u64)>,
    /// The node that runs, and the place of its layer's first weight.
    node: usize,
    first_weight: usize,
    /// How often the node that runs has dropped something.
    dropped: u64,
    pub(crate) moved: Vec<Moved>,
}

impl<'a> Pass<'a> {
    pub(crate) fn learning(device: &'a Device, seed: u64, step: u64) -> Self {
        Pass { device, learning: Some((seed, step)), node: 0, first_weight: 0, dropped: 0, moved: Vec::new() }
    }

    pub(crate) fn predicting(device: &'a Device) -> Self {
        Pass { device, learning: None, node: 0, first_weight: 0, dropped: 0, moved: Vec::new() }
    }

    pub(crate) fn enter(&mut self, node: usize, first_weight: usize) {
        (self.node, self.first_weight, self.dropped) = (node, first_weight, 0);
    }

    pub(crate) fn device(&self) -> &'a Device {
        self.device
    }

    /// Whether the batch is learned from.
    pub(crate) fn learns(&self) -> bool {
        self.learning.is_some()
    }

    /// What numbers of `shape` are multiplied by where a share `rate` is dropped; none where nothing is.
    pub(crate) fn dropout(&mut self, shape: &[usize], rate: f64) -> Option<Value> {
        let (seed, step) = self.learning.filter(|_| rate > 0.0)?;
        let mut rng = stream(seed, &[purpose::DROPOUT, self.node as u64, step, self.dropped]);
        self.dropped += 1;
        let count = shape.iter().product();
        let (dropped, kept) = ((rate * 2f64.powi(32)) as u32, (1.0 - rate).recip() as f32);
        let mut keep = Vec::with_capacity(count + 1);
        while keep.len() < count {
            let two = rng.next_u64();
            for half in [two as u32, (two >> 32) as u32] {
                keep.push(if half < dropped { 0.0 } else { kept });
            }
        }
        keep.truncate(count);
        Some(Value::new(keep, shape, self.device))
    }

    /// Moves the `place`-th weight of the layer that runs towards `batch`.
    pub(crate) fn moving_average(&mut self, place: usize, batch: Tensor<2>, momentum: f64) {
        self.moved.push(Moved { weight: self.first_weight + place, batch: batch.detach(), momentum });
    }
}

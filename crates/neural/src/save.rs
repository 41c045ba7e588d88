//! Saving and loading: one safetensors file that any reader of the format can open.
//!
//! Tensors: `weights/dense/kernel`, `optimizer/momentum/dense/kernel`, `best/dense/kernel`, and the columns of the history as f64
//! (`history/val_loss`), because JSON has no word for "not a number". The metadata holds the rest as JSON under `adflux`.

use crate::{Compile, Ended, History, Model, Network, network::Best, plan::Plan};
use adflux_core::{Error, Result, replace::replace_file};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, io::Write as _, path::Path};

/// The newest form of the file that this version reads and writes.
const FORMAT: u32 = 1;

/// What stands in the metadata.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    model: Model,
    compile: Compile,
    steps: u64,
    epochs: u64,
    rate: Option<f64>,
    best_epoch: Option<usize>,
    history: Vec<String>,
    ended: Option<Ended>,
    /// CRC-32C of this head with 0 in this place, and of the names and bytes of all tensors in the order of their names.
    checksum: u32,
}

/// The form of a file, read before the rest.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Serialize for Network {
    /// As the bytes of its file.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.to_bytes().map_err(serde::ser::Error::custom)?;
        serde_bytes::serialize(&bytes, serializer)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: Vec<u8> = serde_bytes::deserialize(deserializer)?;
        Network::from_bytes(&bytes).map_err(serde::de::Error::custom)
    }
}

impl Network {
    /// Saves everything to one file: architecture, weights, optimizer, history, and where the training stands, so that it can go on to
    /// the same bits. The file is replaced when the new one is whole. It is a safetensors file: other programs can read the weights.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        replace_file(path, |file| file.write_all(&bytes))
    }

    /// A network from a file of [`save`](Network::save).
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or was written by a newer adflux.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        Network::from_bytes(&bytes).map_err(|source| Error::File { path: path.into(), source: Box::new(source) })
    }

    /// The bytes of the file of [`save`](Network::save).
    ///
    /// # Errors
    /// When the state cannot be written down.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
        let numbers = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        for (place, planned) in self.plan.weights.iter().enumerate() {
            let mut add = |group: &str, values: &[f32]| {
                let name = format!("{group}/{}", planned.name);
                tensors.push((name, Dtype::F32, planned.spec.shape.clone(), numbers(values)));
            };
            add("weights", &self.weights[place]);
            for (slot, values) in self.compile.optimizer.slots().iter().zip(&self.slots[place]) {
                add(&format!("optimizer/{slot}"), values);
            }
            if let Some(best) = &self.best {
                add("best", &best.weights[place]);
            }
        }
        for (name, values) in &self.history.columns {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            tensors.push((format!("history/{name}"), Dtype::F64, vec![values.len()], bytes));
        }
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some((name, ..)) = tensors.iter().find(|(_, dtype, _, bytes)| *dtype == Dtype::F32 && !all_finite(bytes))
        {
            return Err(Error::data(format!("`{name}` is no longer finite: the network cannot be saved")));
        }
        let mut head = Head {
            format: FORMAT,
            model: self.model.clone(),
            compile: self.compile.clone(),
            steps: self.steps,
            epochs: self.epochs,
            rate: self.rate,
            best_epoch: self.best.as_ref().map(|best| best.epoch),
            history: self.history.names().map(str::to_string).collect(),
            ended: self.history.ended.clone(),
            checksum: 0,
        };
        head.checksum = checksum(&head, tensors.iter().map(|(name, _, _, bytes)| (name.as_str(), &bytes[..])))?;
        let head = serde_json::to_string(&head).map_err(Error::backend)?;
        let mut views = Vec::with_capacity(tensors.len());
        for (name, dtype, shape, bytes) in &tensors {
            views.push((name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).map_err(Error::backend)?));
        }
        // One entry only: several would stand in an order that changes from run to run.
        let metadata = HashMap::from([("adflux".to_string(), head)]);
        safetensors::serialize(views, Some(metadata)).map_err(Error::backend)
    }

    /// A network from the bytes of [`to_bytes`](Network::to_bytes).
    ///
    /// # Errors
    /// When they are damaged, or were written by a newer adflux.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let damaged = |reason: String| Error::State { kind: "network".into(), reason };
        let broken = |e: &dyn std::fmt::Display| damaged(format!("it is damaged, or no network: {e}"));
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| broken(&e))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| broken(&e))?;
        let head = metadata.metadata().as_ref().and_then(|m| m.get("adflux"));
        let head = head.ok_or_else(|| damaged("a safetensors file, but not one of adflux".into()))?;
        let Format { format } = serde_json::from_str(head).map_err(|e| broken(&e))?;
        if format > FORMAT {
            let reason =
                format!("its format {format} is newer than {FORMAT}, the newest this adflux reads: update adflux");
            return Err(damaged(reason));
        }
        let head: Head = serde_json::from_str(head).map_err(|e| broken(&e))?;
        let mut names: Vec<&str> = tensors.names();
        names.sort_unstable();
        let mut parts = Vec::with_capacity(names.len());
        for name in &names {
            parts.push((*name, tensors.tensor(name).map_err(|e| broken(&e))?.data()));
        }
        let found = checksum(&Head { checksum: 0, ..head.clone() }, parts.into_iter())?;
        if found != head.checksum || head.steps > MOST_STEPS || head.epochs > MOST_STEPS {
            return Err(damaged("it is not what was written: the file is damaged".into()));
        }
        let plan = Plan::of(&head.model)?;
        let judges = head.compile.judges(&head.model, &plan)?;
        let read = |name: &str, shape: &[usize]| -> Result<Vec<f32>> {
            let tensor = tensors.tensor(name).map_err(|e| broken(&e))?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
                let found = format!("{:?} of {:?}", tensor.dtype(), tensor.shape());
                return Err(damaged(format!("tensor `{name}` is {found}, where F32 of {shape:?} is wanted")));
            }
            let numbers = tensor.data().chunks_exact(4);
            let values: Vec<f32> = numbers.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            match values.iter().all(|v| v.is_finite()) {
                true => Ok(values),
                false => Err(damaged(format!("tensor `{name}` has a number that is missing or infinite"))),
            }
        };
        let (mut weights, mut slots, mut best) = (Vec::new(), Vec::new(), Vec::new());
        for planned in &plan.weights {
            let shape = &planned.spec.shape;
            weights.push(read(&format!("weights/{}", planned.name), shape)?);
            let moments = head.compile.optimizer.slots().iter();
            slots.push(
                moments
                    .map(|slot| read(&format!("optimizer/{slot}/{}", planned.name), shape))
                    .collect::<Result<_>>()?,
            );
            if head.best_epoch.is_some() {
                best.push(read(&format!("best/{}", planned.name), shape)?);
            }
        }
        let mut network = Network::of(head.model, head.compile, (plan, judges), weights, slots);
        network.best = head.best_epoch.map(|epoch| Best { epoch, weights: best });
        network.history = history(&tensors, &head.history, head.ended).map_err(damaged)?;
        (network.steps, network.epochs, network.rate) = (head.steps, head.epochs, head.rate);
        if network.rate.is_some_and(|rate| !rate.is_finite() || rate < 0.0) {
            return Err(damaged("its learning rate is below 0 or not finite".into()));
        }
        Ok(network)
    }
}

/// Steps and epochs at most: so many were never made.
const MOST_STEPS: u64 = 1 << 53;

fn all_finite(numbers: &[u8]) -> bool {
    numbers.chunks_exact(4).all(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).is_finite())
}

/// Of the head, whose own checksum is 0, and of all tensors with their names.
fn checksum<'a>(head: &Head, tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<u32> {
    let head = serde_json::to_string(head).map_err(Error::backend)?;
    let of_head = crc32c::crc32c(head.as_bytes());
    Ok(tensors
        .fold(of_head, |sum, (name, bytes)| crc32c::crc32c_append(crc32c::crc32c_append(sum, name.as_bytes()), bytes)))
}

fn history(tensors: &SafeTensors<'_>, names: &[String], ended: Option<Ended>) -> Result<History, String> {
    let mut columns: Vec<(String, Vec<f64>)> = Vec::with_capacity(names.len());
    for name in names {
        let tensor = tensors.tensor(&format!("history/{name}")).map_err(|e| e.to_string())?;
        if tensor.dtype() != Dtype::F64 || tensor.shape().len() != 1 {
            return Err(format!("the history of {name} is no column"));
        }
        let numbers = tensor.data().chunks_exact(8);
        let values = numbers.map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])).collect();
        columns.push((name.clone(), values));
    }
    match columns.iter().any(|(_, values)| values.len() != columns[0].1.len()) {
        true => Err("the columns of the history are of different lengths".into()),
        false => Ok(History { columns, ended }),
    }
}

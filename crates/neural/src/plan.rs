//! [`Plan`]: the shapes and weights that follow from a model, checked once.

use crate::{
    Model,
    flow::{Flow, Value},
    layers::{Apply as _, Layer, WeightSpec},
    pass::{Pass, purpose},
};
use adflux_core::{Error, Result, random::stream};
use std::ops::Range;

/// A weight of the network: `dense/kernel`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedWeight {
    pub(crate) name: String,
    pub(crate) spec: WeightSpec,
}

/// What follows from a [`Model`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// The names of the layers, given or made.
    pub(crate) names: Vec<String>,
    /// The shape of a sample of everything that runs through the network, by number.
    pub(crate) shapes: Vec<Vec<usize>>,
    pub(crate) weights: Vec<PlannedWeight>,
    /// The weights of each layer.
    pub(crate) of_layer: Vec<Range<usize>>,
    /// For inputs that feed an embedding, how many codes there are.
    pub(crate) codes: Vec<Option<usize>>,
    /// The last node that reads what has this number.
    last_use: Vec<usize>,
}

/// Numbers in a network at most: beyond, a width is a slip of the keyboard.
const MOST_WEIGHTS: usize = 1 << 31;

/// How many numbers there are in this shape, where a network can hold them.
fn size_of(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |n, axis| n.checked_mul(*axis)).filter(|n| *n <= MOST_WEIGHTS)
}

impl Plan {
    pub(crate) fn of(model: &Model) -> Result<Self> {
        if model.inputs.is_empty() || model.outputs.is_empty() {
            return Err(Error::data("a model needs an input and an output"));
        }
        let names = names(model)?;
        let mut plan = Plan {
            names,
            shapes: Vec::new(),
            weights: Vec::new(),
            of_layer: vec![0..0; model.layers.len()],
            codes: vec![None; model.inputs.len()],
            last_use: vec![usize::MAX; model.inputs.len() + model.nodes.len()],
        };
        // For everything that runs through: the input whose numbers it has unchanged.
        let mut origin: Vec<Option<usize>> = Vec::new();
        for (place, input) in model.inputs.iter().enumerate() {
            if !(1..=3).contains(&input.shape.len()) || input.shape.contains(&0) || size_of(&input.shape).is_none() {
                return Err(Error::data(format!(
                    "input `{}` of shape {:?}: one to three axes of at least 1 are needed",
                    input.name, input.shape
                )));
            }
            if model.inputs[..place].iter().any(|other| other.name == input.name) {
                return Err(Error::data(format!("two inputs are called `{}`", input.name)));
            }
            plan.shapes.push(input.shape.clone());
            origin.push(Some(place));
        }
        let mut built = vec![false; model.layers.len()];
        for (place, node) in model.nodes.iter().enumerate() {
            let number = model.inputs.len() + place;
            let layer =
                model.layers.get(node.layer).ok_or_else(|| Error::data("a node of a layer that is not there"))?;
            if node.from.iter().any(|from| *from >= number) {
                return Err(Error::data(format!("node {place} is fed by what comes behind it")));
            }
            node.from.iter().for_each(|from| plan.last_use[*from] = place);
            let kind = &layer.layer;
            let named = |reason: String| Error::data(format!("layer `{}` {reason}", plan.names[node.layer]));
            let shape = plan.shape_of(kind, &node.from).map_err(named)?;
            let feeding = node.from.first().and_then(|from| origin[*from]);
            origin.push(match kind {
                Layer::Flatten(_) | Layer::Reshape(_) => feeding,
                _ => None,
            });
            if let Layer::Embedding(embedding) = kind {
                let input = feeding
                    .ok_or_else(|| named("takes codes: feed it from an input, reshaped or flattened at most".into()))?;
                let known = plan.codes[input].unwrap_or(usize::MAX);
                plan.codes[input] = Some(known.min(embedding.input_dim));
            }
            plan.add_weights(kind, node.layer, &node.from, &mut built)?;
            plan.shapes.push(shape);
        }
        if let Some(output) = model.outputs.iter().find(|output| **output >= plan.shapes.len()) {
            return Err(Error::data(format!("output {output} is not in the model")));
        }
        // What comes out of the model is kept to the end.
        model.outputs.iter().for_each(|output| plan.last_use[*output] = usize::MAX);
        Ok(plan)
    }

    fn inputs_of(&self, from: &[usize]) -> Vec<&[usize]> {
        from.iter().map(|from| self.shapes[*from].as_slice()).collect()
    }

    fn shape_of(&self, layer: &Layer, from: &[usize]) -> Result<Vec<usize>, String> {
        layer.check().map_err(|e| format!("has a {e}"))?;
        let shape = layer.output(&self.inputs_of(from))?;
        if size_of(&shape).is_none() {
            return Err(format!("would give samples of shape {shape:?}: more numbers than a network can hold"));
        }
        if !(1..=3).contains(&shape.len()) || shape.contains(&0) {
            return Err(format!("would give the shape {shape:?}: one to three axes of at least 1 are needed"));
        }
        Ok(shape)
    }

    fn add_weights(&mut self, layer: &Layer, place: usize, from: &[usize], built: &mut [bool]) -> Result<()> {
        let specs = layer.weights(&self.inputs_of(from));
        if built[place] {
            let here: Vec<&WeightSpec> = self.weights[self.of_layer[place].clone()].iter().map(|w| &w.spec).collect();
            return if specs.iter().eq(here) {
                Ok(())
            } else {
                Err(Error::data(format!("layer `{}` is shared by inputs of different widths", self.names[place])))
            };
        }
        built[place] = true;
        let start = self.weights.len();
        for spec in specs {
            if size_of(&spec.shape).is_none() {
                return Err(Error::data(format!(
                    "layer `{}` would have weights of {:?}",
                    self.names[place], spec.shape
                )));
            }
            self.weights.push(PlannedWeight { name: format!("{}/{}", self.names[place], spec.name), spec });
        }
        self.of_layer[place] = start..self.weights.len();
        Ok(())
    }

    /// The weights a network starts from.
    pub(crate) fn first_weights(&self, seed: u64) -> Vec<Vec<f32>> {
        let draw = |(place, weight): (usize, &PlannedWeight)| {
            weight.spec.draw(&mut stream(seed, &[purpose::WEIGHTS, place as u64]))
        };
        self.weights.iter().enumerate().map(draw).collect()
    }

    /// What comes out for a batch.
    pub(crate) fn forward(
        &self,
        model: &Model,
        weights: &[Value],
        inputs: Vec<Value>,
        pass: &mut Pass<'_>,
    ) -> Vec<Value> {
        let mut flows: Vec<Option<Flow>> = inputs.into_iter().map(|value| Some(Flow::new(value))).collect();
        for (place, node) in model.nodes.iter().enumerate() {
            let mut fed = Vec::with_capacity(node.from.len());
            for from in &node.from {
                // The last reader takes it: an operation on a tensor that nobody else holds works in place.
                let again = self.last_use[*from] != place || node.from.iter().filter(|f| *f == from).count() > 1;
                fed.extend(if again { flows[*from].clone() } else { flows[*from].take() });
            }
            let own = self.of_layer[node.layer].clone();
            pass.enter(place, own.start);
            flows.push(Some(model.layers[node.layer].layer.forward(fed, &weights[own], pass)));
        }
        model.outputs.iter().filter_map(|output| flows[*output].clone().map(|flow| flow.value)).collect()
    }
}

/// The names of the layers: given, or the kind with a number.
fn names(model: &Model) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::with_capacity(model.layers.len());
    let given: Vec<&str> = model.layers.iter().filter_map(|layer| layer.name.as_deref()).collect();
    for layer in &model.layers {
        let name = match &layer.name {
            Some(name) => name.clone(),
            None => {
                let kind = layer.layer.kind();
                let free = |name: &String| !names.contains(name) && !given.contains(&name.as_str());
                (0..)
                    .map(|n| if n == 0 { kind.to_string() } else { format!("{kind}_{n}") })
                    .find(free)
                    .unwrap_or_default()
            }
        };
        if name.is_empty() || name.contains('/') {
            return Err(Error::data(format!("a layer cannot be called `{name}`: use a name without `/`")));
        }
        if names.contains(&name) {
            return Err(Error::data(format!("two layers are called `{name}`")));
        }
        names.push(name);
    }
    Ok(names)
}

//! The architecture of a network: [`Sequential`], [`Model`] and the [`Symbol`]s it is drawn with.

use crate::{
    Compile, Network,
    layers::{Layer, NamedLayer},
    plan::Plan,
    summary::Summary,
};
use adflux_core::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{ops::Deref, sync::Arc};

/// Layers one after the other.
///
/// ```
/// use adflux_neural::{Activation, Dense, Dropout, Sequential};
/// let model = Sequential::new([8])
///     .add(Dense::new(64).activation(Activation::Relu))
///     .add(Dropout::new(0.2))
///     .add(Dense::new(1).activation(Activation::Sigmoid));
/// assert_eq!(model.summary()?.parameters(), 641);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequential {
    /// The shape of one sample: one to three axes.
    pub input: Vec<usize>,
    /// The layers, first to last.
    pub layers: Vec<NamedLayer>,
    /// What first weights, shuffles and dropout are drawn from. Default 0.
    #[serde(default)]
    pub seed: u64,
}

impl Sequential {
    /// A network for samples of this shape: `[8]` for eight columns. All later widths follow from it.
    pub fn new(input: impl Into<Vec<usize>>) -> Self {
        Sequential { input: input.into(), layers: Vec::new(), seed: 0 }
    }

    /// With `layer` behind the others.
    // Keras's word; the operator `+` would say something else.
    #[allow(clippy::should_implement_trait)]
    pub fn add(mut self, layer: impl Into<NamedLayer>) -> Self {
        self.layers.push(layer.into());
        self
    }

    /// Sets what first weights, shuffles and dropout are drawn from.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same as a [`Model`] of one input and one output.
    pub fn into_model(self) -> Model {
        let layers = self.layers.len();
        let nodes = (0..layers).map(|place| Node { layer: place, from: vec![place] }).collect();
        let input = Input { name: "input".into(), shape: self.input };
        Model { inputs: vec![input], layers: self.layers, nodes, outputs: vec![layers], seed: self.seed }
    }

    /// Shapes and parameters of all layers.
    ///
    /// # Errors
    /// When a layer cannot take what comes to it, or a parameter is out of range.
    pub fn summary(&self) -> Result<Summary> {
        self.clone().into_model().summary()
    }

    /// The network with its first weights, ready to be fitted.
    ///
    /// # Errors
    /// As [`summary`](Sequential::summary), and when the loss or a measure does not fit the output.
    pub fn compile(self, compile: Compile) -> Result<Network> {
        self.into_model().compile(compile)
    }
}

/// An input of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// The shape of one sample.
    pub shape: Vec<usize>,
}

/// One use of a layer. What runs through the network is numbered: first the inputs, then what comes out of each node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The layer, by its place in the list of layers. A layer that several nodes use is shared: it has its weights once.
    pub layer: usize,
    /// What goes in, by number.
    pub from: Vec<usize>,
}

/// A network of any shape without circles: several inputs and outputs, shared layers. Drawn with [`Symbol`]s, as in Keras's
/// functional way, or read from a file.
///
/// ```
/// use adflux_neural::{Activation, Concatenate, Dense, Embedding, Flatten, Model, Symbol};
/// let (numbers, city) = (Symbol::input("numbers", [5]), Symbol::input("city", [1]));
/// let place = city.apply(Embedding::new(40, 4)).apply(Flatten);
/// let hidden = Symbol::merge(&[&numbers, &place], Concatenate).apply(Dense::new(16).activation(Activation::Relu));
/// let clicks = hidden.apply(Dense::new(1).activation(Activation::Softplus));
/// let applies = hidden.apply(Dense::new(1).activation(Activation::Sigmoid));
/// let model = Model::new([&numbers, &city], [&clicks, &applies])?;
/// assert_eq!(model.summary()?.parameters(), 40 * 4 + 9 * 16 + 16 + 17 + 17);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What goes in.
    pub inputs: Vec<Input>,
    /// The layers, each once.
    pub layers: Vec<NamedLayer>,
    /// Their uses, each behind those it is fed by.
    pub nodes: Vec<Node>,
    /// What comes out, by number.
    pub outputs: Vec<usize>,
    /// What first weights, shuffles and dropout are drawn from. Default 0.
    #[serde(default)]
    pub seed: u64,
}

impl Model {
    /// The network between these inputs and outputs.
    ///
    /// # Errors
    /// When an output hangs on an input that is not in the list, or there is no input or output.
    pub fn new<'a>(
        inputs: impl IntoIterator<Item = &'a Symbol>,
        outputs: impl IntoIterator<Item = &'a Symbol>,
    ) -> Result<Self> {
        let inputs: Vec<&Symbol> = inputs.into_iter().collect();
        let mut drawing = Drawing { known: inputs.iter().map(|s| s.0.clone()).collect(), ..Drawing::default() };
        let mut described = Vec::with_capacity(inputs.len());
        for symbol in &inputs {
            match &symbol.0.origin {
                Origin::Input(input) => described.push(input.clone()),
                Origin::Layer { .. } => return Err(Error::data("an input of a model has to be a `Symbol::input`")),
            }
        }
        let outputs = outputs.into_iter().map(|s| drawing.number_of(s)).collect::<Result<Vec<_>>>()?;
        let layers = drawing.layers.iter().map(|layer| layer.deref().clone()).collect();
        Ok(Model { inputs: described, layers, nodes: drawing.nodes, outputs, seed: 0 })
    }

    /// Sets what first weights, shuffles and dropout are drawn from.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Shapes and parameters of all layers.
    ///
    /// # Errors
    /// When a layer cannot take what comes to it, or a parameter is out of range.
    pub fn summary(&self) -> Result<Summary> {
        Ok(Summary::of(self, &Plan::of(self)?))
    }

    /// The network with its first weights, ready to be fitted.
    ///
    /// # Errors
    /// As [`summary`](Model::summary), and when a loss or a measure does not fit its output.
    pub fn compile(self, compile: Compile) -> Result<Network> {
        Network::new(self, compile)
    }
}

/// Something that runs through a network to be: an input, or what comes out of a layer.
#[derive(Clone, Debug)]
pub struct Symbol(Arc<Drawn>);

#[derive(Debug)]
struct Drawn {
    origin: Origin,
}

#[derive(Debug)]
enum Origin {
    Input(Input),
    Layer { layer: Arc<NamedLayer>, from: Vec<Symbol> },
}

/// A layer that is used several times with the same weights.
#[derive(Clone, Debug)]
pub struct SharedLayer(Arc<NamedLayer>);

impl SharedLayer {
    /// A layer to be shared.
    pub fn new(layer: impl Into<NamedLayer>) -> Self {
        SharedLayer(Arc::new(layer.into()))
    }
}

impl From<&SharedLayer> for Layer {
    /// A copy, with weights of its own. To share them, use [`Symbol::apply_shared`].
    fn from(shared: &SharedLayer) -> Self {
        shared.0.layer.clone()
    }
}

impl Symbol {
    fn drawn(origin: Origin) -> Self {
        Symbol(Arc::new(Drawn { origin }))
    }

    /// An input of samples of this shape.
    pub fn input(name: &str, shape: impl Into<Vec<usize>>) -> Self {
        Symbol::drawn(Origin::Input(Input { name: name.into(), shape: shape.into() }))
    }

    /// What comes out of `layer`, fed by this.
    pub fn apply(&self, layer: impl Into<NamedLayer>) -> Self {
        Symbol::merge(&[self], layer)
    }

    /// What comes out of a layer that is used elsewhere too, fed by this.
    pub fn apply_shared(&self, layer: &SharedLayer) -> Self {
        Symbol::drawn(Origin::Layer { layer: layer.0.clone(), from: vec![self.clone()] })
    }

    /// What comes out of `layer`, fed by several.
    pub fn merge(from: &[&Symbol], layer: impl Into<NamedLayer>) -> Self {
        let from = from.iter().map(|s| (*s).clone()).collect();
        Symbol::drawn(Origin::Layer { layer: Arc::new(layer.into()), from })
    }
}

/// A model that is being made of symbols.
#[derive(Default)]
struct Drawing {
    /// Symbols by their number.
    known: Vec<Arc<Drawn>>,
    layers: Vec<Arc<NamedLayer>>,
    nodes: Vec<Node>,
}

impl Drawing {
    /// The number of `symbol`, after those of all it is fed by. Goes down without recursion: a network may be deep.
    fn number_of(&mut self, symbol: &Symbol) -> Result<usize> {
        let mut open = vec![symbol.clone()];
        while let Some(top) = open.last().cloned() {
            if self.find(&top).is_some() {
                open.pop();
                continue;
            }
            let Origin::Layer { layer, from } = &top.0.origin else {
                let Origin::Input(input) = &top.0.origin else { continue };
                return Err(Error::data(format!(
                    "an output needs the input `{}`: put it in the list of inputs",
                    input.name
                )));
            };
            let missing: Vec<Symbol> = from.iter().filter(|s| self.find(s).is_none()).cloned().collect();
            if missing.is_empty() {
                let from = from.iter().filter_map(|s| self.find(s)).collect();
                let layer = self.place_of(layer);
                self.nodes.push(Node { layer, from });
                self.known.push(top.0.clone());
                open.pop();
            } else {
                open.extend(missing);
            }
        }
        self.find(symbol).ok_or_else(|| Error::data("an output is not part of the model"))
    }

    fn find(&self, symbol: &Symbol) -> Option<usize> {
        self.known.iter().position(|known| Arc::ptr_eq(known, &symbol.0))
    }

    fn place_of(&mut self, layer: &Arc<NamedLayer>) -> usize {
        self.layers.iter().position(|known| Arc::ptr_eq(known, layer)).unwrap_or_else(|| {
            self.layers.push(layer.clone());
            self.layers.len() - 1
        })
    }
}

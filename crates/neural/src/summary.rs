//! [`Summary`]: the layers of a model as a table.

use crate::{Model, layers::Apply as _, plan::Plan};
use std::fmt;

/// One layer in a [`Summary`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSummary {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// The shape of a sample that comes out of its first use.
    pub shape: Vec<usize>,
    /// Its weights.
    pub parameters: usize,
    /// Those of them that an optimizer moves.
    pub trainable: usize,
    /// What it is fed by.
    pub from: Vec<String>,
}

/// Shapes and parameters of all layers; as text, a table as Keras prints it.
///
/// ```
/// use adflux_neural::{Dense, Sequential};
/// let summary = Sequential::new([3]).add(Dense::new(4)).add(Dense::new(1)).summary()?;
/// assert_eq!(summary.to_string(), "\
/// layer (kind)                  output  parameters  fed by
/// input (input)                    [3]           0
/// dense (dense)                    [4]          16  input
/// dense_1 (dense)                  [1]           5  dense
/// 21 parameters, 21 of them trainable (84 bytes)
/// ");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The layers, the inputs first.
    pub layers: Vec<LayerSummary>,
    /// The shapes of a sample that come out of the model.
    pub outputs: Vec<Vec<usize>>,
}

impl Summary {
    pub(crate) fn of(model: &Model, plan: &Plan) -> Self {
        let inputs = model.inputs.iter().map(|input| LayerSummary {
            name: input.name.clone(),
            kind: "input",
            shape: input.shape.clone(),
            parameters: 0,
            trainable: 0,
            from: Vec::new(),
        });
        let mut layers: Vec<LayerSummary> = inputs.collect();
        let mut names: Vec<String> = layers.iter().map(|layer| layer.name.clone()).collect();
        let mut seen = vec![false; model.layers.len()];
        for (place, node) in model.nodes.iter().enumerate() {
            let name = plan.names[node.layer].clone();
            let from = node.from.iter().map(|from| names[*from].clone()).collect();
            names.push(name.clone());
            if std::mem::replace(&mut seen[node.layer], true) {
                continue;
            }
            let weights = &plan.weights[plan.of_layer[node.layer].clone()];
            let size = |only: bool| {
                let counted = weights.iter().filter(|w| !only || w.spec.trainable);
                counted.map(|w| w.spec.shape.iter().product::<usize>()).sum()
            };
            layers.push(LayerSummary {
                name,
                kind: model.layers[node.layer].layer.kind(),
                shape: plan.shapes[model.inputs.len() + place].clone(),
                parameters: size(false),
                trainable: size(true),
                from,
            });
        }
        let outputs = model.outputs.iter().map(|output| plan.shapes[*output].clone()).collect();
        Summary { layers, outputs }
    }

    /// All weights.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// The weights that an optimizer moves.
    pub fn trainable(&self) -> usize {
        self.layers.iter().map(|layer| layer.trainable).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = |layer: &LayerSummary| format!("{} ({})", layer.name, layer.kind);
        let width = self.layers.iter().map(|layer| title(layer).chars().count()).max().unwrap_or(0).max(22);
        writeln!(f, "{:width$}  {:>12}  {:>10}  fed by", "layer (kind)", "output", "parameters")?;
        for layer in &self.layers {
            let shape = format!("{:?}", layer.shape);
            let line =
                format!("{:width$}  {shape:>12}  {:>10}  {}", title(layer), layer.parameters, layer.from.join(", "));
            writeln!(f, "{}", line.trim_end())?;
        }
        let all = self.parameters();
        writeln!(f, "{all} parameters, {} of them trainable ({} bytes)", self.trainable(), 4 * all)
    }
}

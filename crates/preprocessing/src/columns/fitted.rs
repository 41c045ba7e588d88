//! [`FittedColumnTransformer`]: a fitted column transformer.

use super::{
    KIND,
    assemble::Layout,
    read::{self, Source},
};
use crate::step::each;
use adflux_core::{
    AnyTransform, Column, DynComponent as _, Error, Features, Registry, Result, Saved, Transform, component::encode,
};
use adflux_data::Frame;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A fitted [`Branch`](super::Branch).
#[derive(Clone, Debug)]
pub struct FittedBranch {
    pub(super) name: String,
    pub(super) sources: Vec<Source>,
    pub(super) steps: Vec<AnyTransform<Features, Features>>,
}

impl FittedBranch {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns it takes from the frame.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().flat_map(|s| s.columns().iter()).map(|c| c.name.as_str())
    }

    /// Its fitted steps; `downcast_ref` gives their own types.
    pub fn steps(&self) -> &[AnyTransform<Features, Features>] {
        &self.steps
    }

    fn transform(&self, frame: &Frame) -> Result<Features> {
        let mut x = read::read(&self.sources, frame)?;
        for (i, step) in self.steps.iter().enumerate() {
            x = step.transform(x).map_err(|e| e.in_step(i + 1, format!("{}/{}", self.name, step.kind())))?;
        }
        Ok(x)
    }
}

/// A fitted [`ColumnTransformer`](super::ColumnTransformer).
#[derive(Clone, Debug)]
pub struct FittedColumnTransformer {
    branches: Vec<FittedBranch>,
    layout: Layout,
}

#[derive(Serialize, Deserialize)]
pub(super) struct State {
    branches: Vec<BranchState>,
    layout: Layout,
}

#[derive(Serialize, Deserialize)]
struct BranchState {
    name: String,
    sources: Vec<Source>,
    steps: Vec<Saved>,
}

impl FittedColumnTransformer {
    pub(super) fn new(branches: Vec<FittedBranch>, layout: Layout) -> Self {
        FittedColumnTransformer { branches, layout }
    }

    /// The names of the features, in order: dense columns first, then sparse ones.
    pub fn feature_names(&self) -> impl Iterator<Item = &str> {
        self.columns().map(|c| c.name.as_str())
    }

    /// The features with their lineage, in order.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.layout.columns()
    }

    /// The columns of the frame that a transform needs, each once.
    pub fn inputs(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        self.branches.iter().flat_map(FittedBranch::columns).filter(|c| seen.insert(*c)).collect()
    }

    /// The fitted branches, in order; passed-through columns are a last one called `remainder`.
    pub fn branches(&self) -> &[FittedBranch] {
        &self.branches
    }

    pub(super) fn to_state(&self) -> Result<Vec<u8>> {
        let save = |branch: &FittedBranch| {
            Ok(BranchState {
                name: branch.name.clone(),
                sources: branch.sources.clone(),
                steps: branch.steps.iter().map(|step| step.save()).collect::<Result<_>>()?,
            })
        };
        let branches = self.branches.iter().map(save).collect::<Result<_>>()?;
        encode(KIND, &State { branches, layout: self.layout.clone() })
    }

    pub(super) fn load(state: State, registry: &Registry) -> Result<Self> {
        let load = |branch: BranchState| {
            let steps = branch.steps.iter().map(|step| registry.load(step)).collect::<Result<_>>()?;
            Ok(FittedBranch { name: branch.name, sources: branch.sources, steps })
        };
        let branches = state.branches.into_iter().map(load).collect::<Result<_>>()?;
        Ok(FittedColumnTransformer { branches, layout: state.layout })
    }

    fn blocks(&self, frame: &Frame) -> Result<Features> {
        let done = each(frame.rows(), &self.branches, |branch| branch.transform(frame));
        let mut blocks = Vec::with_capacity(done.len());
        for features in done {
            blocks.extend(features?.into_blocks());
        }
        self.layout.assemble(frame.rows(), blocks)
    }
}

impl Transform<Frame> for FittedColumnTransformer {
    type Output = Features;

    fn transform(&self, frame: Frame) -> Result<Features> {
        self.blocks(&frame).map_err(|e| match e {
            // The first column that was looked for; say all that are missing.
            Error::MissingColumns { .. } => frame.require(&self.inputs()).err().unwrap_or(e),
            other => other,
        })
    }
}

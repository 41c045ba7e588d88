//! How segments are found: as an option, as a recipe, and what a fitted one tells.

use super::number::Number;
use adflux::{
    clustering::{
        Agglomerative, AgglomerativeModel, AutoAgglomerative, AutoAgglomerativeModel, AutoKMeans, AutoKMeansModel,
        AutoKPrototypes, AutoKPrototypesModel, Choice, DbscanModel, GaussianMixtureModel, HdbscanModel, KMeans,
        KMeansModel, KPrototypes, KPrototypesModel, LinkageMethod, MiniBatchKMeansModel,
    },
    core::{AnyModel, AnyModelRecipe, Error, Features, Predict as _, Result},
};
use clap::ValueEnum;
use ndarray::Array2;

/// How segments are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Rows around centres; numbers are scaled, categories one-hot encoded.
    Kmeans,
    /// The same by small samples of the rows: for very many.
    Minibatch,
    /// Overlapping Gaussians: each row belongs to its segment with a probability.
    Gmm,
    /// The nearest merged into a tree; distances by Ward: compact segments, at several levels.
    Ward,
    /// A tree by the nearest rows of two segments: chains, and rows that lie far off.
    Single,
    /// A tree by the farthest rows of two segments.
    Complete,
    /// A tree by the mean distance of the rows of two segments.
    Average,
    /// Where rows lie within a radius of each other; rows that lie apart are in no segment.
    Dbscan,
    /// Where rows lie dense, each segment at a density of its own; rows that lie apart are in no segment.
    Hdbscan,
    /// Rows around prototypes: means of numbers and most frequent categories, without one-hot columns.
    Kprototypes,
}

/// k-means starts for a number that was given: as many as for each that `auto` compares.
const STARTS: usize = 5;

impl Method {
    /// The method that is meant: levels are those of a tree.
    ///
    /// # Errors
    /// When levels are asked of a method that makes no tree, or a number of one that finds it, or none of one that must be told.
    pub fn meant(asked: Option<Method>, k: Number, levels: &[usize]) -> Result<Method> {
        match asked {
            None if levels.is_empty() => Ok(Method::Kmeans),
            None => Ok(Method::Ward),
            Some(method) if !levels.is_empty() && method.linkage().is_none() => Err(Error::data(format!(
                "--levels: {} makes no tree: use --method ward, single, complete or average, or -k with one number",
                method.name()
            ))),
            Some(method) if method.is_dense() && k != Number::Auto => Err(Error::data(format!(
                "-k: {} finds the number of segments itself: leave it out, and change its parameters with --param",
                method.name()
            ))),
            Some(method) if method.told().is_some() && k == Number::Auto => Err(Error::data(format!(
                "-k: {} is told how many segments there are: give -k with a number, or use --method kmeans, which tries several",
                method.name()
            ))),
            Some(method) => Ok(method),
        }
    }

    /// Whether segments are where rows lie dense: such methods find how many there are, and leave rows out.
    pub fn is_dense(self) -> bool {
        matches!(self, Method::Dbscan | Method::Hdbscan)
    }

    /// The kind of a method that is always told how many segments there are, and the name of that parameter.
    pub fn told(self) -> Option<(&'static str, &'static str)> {
        match self {
            Method::Minibatch => Some(("mini-batch-k-means", "n_clusters")),
            Method::Gmm => Some(("gaussian-mixture", "n_components")),
            _ => None,
        }
    }

    /// Whether the method takes parameters with `--param`.
    pub fn takes_parameters(self) -> bool {
        self.is_dense() || self.told().is_some()
    }

    pub fn name(self) -> &'static str {
        match (self, self.linkage()) {
            (_, Some(linkage)) => linkage.name(),
            (Method::Dbscan, _) => "dbscan",
            (Method::Hdbscan, _) => "hdbscan",
            (Method::Kprototypes, _) => "kprototypes",
            (Method::Minibatch, _) => "minibatch",
            (Method::Gmm, _) => "gmm",
            _ => "kmeans",
        }
    }

    /// Whether categories stay categories.
    pub fn takes_categories(self) -> bool {
        self == Method::Kprototypes
    }

    fn linkage(self) -> Option<LinkageMethod> {
        match self {
            Method::Kmeans | Method::Minibatch | Method::Kprototypes => None,
            Method::Gmm | Method::Dbscan | Method::Hdbscan => None,
            Method::Ward => Some(LinkageMethod::Ward),
            Method::Single => Some(LinkageMethod::Single),
            Method::Complete => Some(LinkageMethod::Complete),
            Method::Average => Some(LinkageMethod::Average),
        }
    }

    /// The recipe of k-means or a tree: they are told how many segments there are, or try several numbers.
    pub fn recipe(self, k: Number, levels: &[usize], seed: u64) -> AnyModelRecipe {
        match (self.linkage(), k) {
            (Some(linkage), _) if !levels.is_empty() => {
                AnyModelRecipe::new(Agglomerative::default().levels(levels.to_vec()).linkage(linkage))
            }
            (Some(linkage), Number::Is(k)) => AnyModelRecipe::new(Agglomerative::new(k).linkage(linkage)),
            (Some(linkage), Number::Auto) => {
                AnyModelRecipe::new(AutoAgglomerative::default().linkage(linkage).seed(seed))
            }
            (None, Number::Is(k)) if self.takes_categories() => AnyModelRecipe::new(KPrototypes::new(k).seed(seed)),
            (None, Number::Auto) if self.takes_categories() => {
                AnyModelRecipe::new(AutoKPrototypes::default().seed(seed))
            }
            (None, Number::Is(k)) => AnyModelRecipe::new(KMeans::new(k).n_init(STARTS).seed(seed)),
            (None, Number::Auto) => AnyModelRecipe::new(AutoKMeans::default().seed(seed)),
        }
    }
}

/// What a fitted model says of the rows it was fitted on.
pub struct Found {
    /// The segment of each row, from the coarsest level to the finest: at least one level.
    pub levels: Vec<Vec<Option<u32>>>,
    /// Of each segment of a level, the segment of the coarser level that it lies in; none at the coarsest.
    pub parents: Vec<Vec<u32>>,
    /// The numbers that were compared, when one was chosen.
    pub choice: Option<Choice>,
    /// Of the finest level.
    pub inertia: Option<f64>,
    /// Of each row the probability of its segment, where rows belong to all.
    pub probability: Option<Vec<f64>>,
}

impl Found {
    pub fn new(model: &AnyModel, features: &Features) -> Result<Self> {
        let auto_tree = model.downcast_ref::<AutoAgglomerativeModel>();
        if let Some(tree) = auto_tree.map(|m| m.model()).or(model.downcast_ref::<AgglomerativeModel>()) {
            // The rows' own places in the tree, not those of the nearest centres.
            return Ok(Found {
                levels: (0..tree.levels().len()).map(|level| tree.labels(level)).collect::<Result<_>>()?,
                parents: tree.levels().iter().map(|level| level.parents().to_vec()).collect(),
                choice: auto_tree.map(|m| m.choice().clone()),
                inertia: tree.levels().last().map(|level| level.inertia()),
                probability: None,
            });
        }
        let of_dbscan = model.downcast_ref::<DbscanModel>().map(DbscanModel::labels);
        if let Some(labels) = of_dbscan.or_else(|| model.downcast_ref::<HdbscanModel>().map(HdbscanModel::labels)) {
            let (levels, parents) = (vec![labels], vec![Vec::new()]);
            return Ok(Found { levels, parents, choice: None, inertia: None, probability: None });
        }
        let auto_prototypes = model.downcast_ref::<AutoKPrototypesModel>();
        if let Some(prototypes) = auto_prototypes.map(|m| m.model()).or(model.downcast_ref::<KPrototypesModel>()) {
            return Ok(Found {
                levels: vec![prototypes.predict(features)?.ids],
                parents: vec![Vec::new()],
                choice: auto_prototypes.map(|m| m.choice().clone()),
                inertia: Some(prototypes.cost()),
                probability: None,
            });
        }
        let auto = model.downcast_ref::<AutoKMeansModel>();
        let of_batches = model.downcast_ref::<MiniBatchKMeansModel>().map(|m| m.model());
        let centers = auto.map(|m| m.model()).or(of_batches).or(model.downcast_ref::<KMeansModel>());
        let segments = model.predict(features)?.segments()?.clone();
        Ok(Found {
            levels: vec![segments.ids],
            parents: vec![Vec::new()],
            choice: auto.map(|m| m.choice().clone()),
            inertia: centers.map(KMeansModel::inertia),
            probability: model.downcast_ref::<GaussianMixtureModel>().map(|_| segments.strength.to_vec()),
        })
    }

    /// The number of rows in no segment.
    pub fn outliers(&self) -> usize {
        self.finest().iter().filter(|segment| segment.is_none()).count()
    }

    /// The segments of the finest level.
    pub fn finest(&self) -> &[Option<u32>] {
        self.levels.last().map_or(&[], |level| level)
    }
}

/// The rows as points that measures of segments are taken of.
pub fn points(model: &AnyModel, features: &Features) -> Result<Array2<f64>> {
    let auto = model.downcast_ref::<AutoKPrototypesModel>().map(|m| m.model());
    match auto.or(model.downcast_ref::<KPrototypesModel>()) {
        Some(prototypes) => prototypes.points(features),
        None => features.dense("clustering").cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_a_tree() {
        let meant = |asked, levels: &[usize]| Method::meant(asked, Number::Auto, levels);
        assert_eq!(meant(None, &[]).unwrap(), Method::Kmeans);
        assert_eq!(meant(None, &[3, 8]).unwrap(), Method::Ward);
        assert_eq!(meant(Some(Method::Average), &[3, 8]).unwrap(), Method::Average);
        for flat in [Method::Kmeans, Method::Kprototypes, Method::Hdbscan] {
            let said = meant(Some(flat), &[3]).unwrap_err().to_string();
            assert!(said.contains(flat.name()) && said.contains("--method ward"), "{said}");
        }
    }

    #[test]
    fn a_number_is_for_methods_that_do_not_find_it() {
        assert_eq!(Method::meant(Some(Method::Dbscan), Number::Auto, &[]).unwrap(), Method::Dbscan);
        assert!(
            Method::meant(Some(Method::Dbscan), Number::Is(3), &[]).unwrap_err().to_string().contains("dbscan finds")
        );
        for method in [Method::Gmm, Method::Minibatch] {
            assert_eq!(Method::meant(Some(method), Number::Is(3), &[]).unwrap(), method);
            let says = Method::meant(Some(method), Number::Auto, &[]).unwrap_err().to_string();
            assert!(says.contains("give -k with a number"), "{says}");
        }
    }
}

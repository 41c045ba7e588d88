//! How segments are found: as an option, and as the kind of a recipe.

use super::number::Number;
use crate::failure::Failure;
use adflux::clustering::LinkageMethod;
use clap::ValueEnum;

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

/// The rows of a step of mini-batches, as in the library.
const BATCH_SIZE: i64 = 1024;

impl Method {
    /// The method that is meant: levels are those of a tree.
    ///
    /// # Errors
    /// When levels are asked of a method that makes no tree, or a number of one that finds it.
    pub fn meant(asked: Option<Method>, k: Number, levels: &[usize]) -> Result<Method, Failure> {
        match asked {
            None if levels.is_empty() => Ok(Method::Kmeans),
            None => Ok(Method::Ward),
            Some(method) if !levels.is_empty() && method.linkage().is_none() => Err(Failure::usage(format!(
                "--levels: {} makes no tree: use --method ward, single, complete or average, or -k with one number",
                method.name()
            ))),
            Some(method) if method.is_dense() && k != Number::Auto => Err(Failure::usage(format!(
                "-k: {} finds the number of segments itself: leave it out, and change its parameters with --param",
                method.name()
            ))),
            Some(method) => Ok(method),
        }
    }

    /// Whether segments are where rows lie dense: such methods find how many there are, and leave rows out.
    pub fn is_dense(self) -> bool {
        matches!(self, Method::Dbscan | Method::Hdbscan)
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

    /// How a tree tells distances, of a method that makes one.
    pub fn linkage(self) -> Option<LinkageMethod> {
        match self {
            Method::Kmeans | Method::Minibatch | Method::Kprototypes => None,
            Method::Gmm | Method::Dbscan | Method::Hdbscan => None,
            Method::Ward => Some(LinkageMethod::Ward),
            Method::Single => Some(LinkageMethod::Single),
            Method::Complete => Some(LinkageMethod::Complete),
            Method::Average => Some(LinkageMethod::Average),
        }
    }

    /// The kind of the recipe and the parameters that the method, the number of segments or the levels set.
    pub fn kind(self, k: Number, levels: &[usize], seed: i64) -> (&'static str, toml::Table) {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let mut set = toml::Table::new();
        if let Some(linkage) = self.linkage() {
            set.insert("linkage".into(), linkage.name().into());
            if levels.is_empty() && k == Number::Auto {
                set.insert("seed".into(), seed.into());
                return ("auto-agglomerative", set);
            }
            match k {
                Number::Is(k) => set.insert("n_clusters".into(), whole(k).into()),
                Number::Auto => {
                    let levels = levels.iter().map(|level| whole(*level).into()).collect();
                    set.insert("levels".into(), toml::Value::Array(levels))
                }
            };
            return ("agglomerative", set);
        }
        if self == Method::Dbscan {
            return ("dbscan", set);
        }
        if self == Method::Hdbscan {
            return ("hdbscan", set);
        }
        set.insert("seed".into(), seed.into());
        let number = if self == Method::Gmm { "n_components" } else { "n_clusters" };
        if let Number::Is(k) = k {
            set.insert(number.into(), whole(k).into());
        }
        let told = k != Number::Auto;
        let kind = match self {
            Method::Kprototypes if told => "k-prototypes",
            Method::Kprototypes => "auto-k-prototypes",
            Method::Gmm if told => "gaussian-mixture",
            Method::Gmm => "auto-gaussian-mixture",
            Method::Minibatch if told => "mini-batch-k-means",
            Method::Minibatch => {
                set.insert("batch_size".into(), BATCH_SIZE.into());
                "auto-k-means"
            }
            _ if told => "k-means",
            _ => "auto-k-means",
        };
        (kind, set)
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
            let said = meant(Some(flat), &[3]).unwrap_err().error().to_string();
            assert!(said.contains(flat.name()) && said.contains("--method ward"), "{said}");
        }
    }

    #[test]
    fn a_number_is_for_methods_that_do_not_find_it() {
        assert_eq!(Method::meant(Some(Method::Dbscan), Number::Auto, &[]).unwrap(), Method::Dbscan);
        let says = Method::meant(Some(Method::Dbscan), Number::Is(3), &[]).unwrap_err().error().to_string();
        assert!(says.contains("dbscan finds"), "{says}");
        for method in [Method::Gmm, Method::Minibatch] {
            assert_eq!(Method::meant(Some(method), Number::Is(3), &[]).unwrap(), method);
            assert_eq!(Method::meant(Some(method), Number::Auto, &[]).unwrap(), method);
        }
    }

    #[test]
    fn every_kind_is_registered_and_takes_what_is_set() {
        let registry = adflux::registry().unwrap();
        for method in Method::value_variants() {
            for (k, levels) in [(Number::Auto, &[][..]), (Number::Is(3), &[]), (Number::Auto, &[2, 5])] {
                let (kind, set) = method.kind(k, levels, 7);
                let spec = adflux::core::Spec { kind: kind.into(), params: set, steps: Vec::new() };
                registry.build::<adflux::core::AnyModelRecipe>(&spec).unwrap();
            }
        }
    }
}

//! The linkages that need the distances of all pairs in memory: kodama's.

use super::{Linkage, LinkageMethod, Merge};
use crate::distances::PairDistances;
use adflux_core::{Context, Result};
use ndarray::ArrayView2;

/// The linkages that are made here.
#[derive(Clone, Copy)]
pub(super) enum Stored {
    Single,
    Complete,
    Average,
    Weighted,
    Centroid,
    Median,
}

impl Stored {
    fn method(self) -> (LinkageMethod, kodama::Method) {
        match self {
            Stored::Single => (LinkageMethod::Single, kodama::Method::Single),
            Stored::Complete => (LinkageMethod::Complete, kodama::Method::Complete),
            Stored::Average => (LinkageMethod::Average, kodama::Method::Average),
            Stored::Weighted => (LinkageMethod::Weighted, kodama::Method::Weighted),
            Stored::Centroid => (LinkageMethod::Centroid, kodama::Method::Centroid),
            Stored::Median => (LinkageMethod::Median, kodama::Method::Median),
        }
    }
}

/// The tree of rows: O(rows²) memory, refused beyond `max_memory` bytes before it is asked for.
pub(super) fn stored(x: ArrayView2<f64>, linkage: Stored, max_memory: u64, context: &Context) -> Result<Linkage> {
    let (rows, columns) = x.dim();
    let x = x.as_standard_layout();
    let values = x.as_slice().unwrap_or_default();
    let row = |row: usize| &values[row * columns..(row + 1) * columns];
    let between = |own: usize| {
        let own = row(own);
        move |other: usize| own.iter().zip(row(other)).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b)).sqrt()
    };
    let what = format!("{} linkage", linkage.method().0.name());
    let instead = "use ward or single linkage, which do without";
    of_distances(PairDistances::compute(rows, max_memory, (&what, instead), context, between)?, linkage, context)
}

/// The tree of given distances.
pub(super) fn of_distances(distances: PairDistances, linkage: Stored, context: &Context) -> Result<Linkage> {
    context.check()?;
    let rows = distances.rows();
    let tree = kodama::linkage(&mut distances.into_values(), rows, linkage.method().1);
    context.check()?;
    let merge = |step: &kodama::Step<f64>| Merge {
        first: step.cluster1.min(step.cluster2),
        second: step.cluster1.max(step.cluster2),
        // Rounding may take a square of centroid linkage a hair below 0.
        height: if step.dissimilarity >= 0.0 { step.dissimilarity } else { 0.0 },
        size: step.size,
    };
    Ok(Linkage::from_merges(tree.steps().iter().map(merge).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn too_much_memory_is_refused_before_it_is_asked_for() {
        // As many rows as would take 40 TB; the rows themselves take nothing.
        let one = Array2::zeros((1, 0));
        let x = one.broadcast((3_200_000, 0)).unwrap();
        let says = |limit| stored(x, Stored::Average, limit, &Context::default()).unwrap_err().to_string();
        assert_eq!(
            says(1 << 31),
            "parameter `max_memory` = 2147483648: average linkage keeps the distances of all pairs, which takes 40960.0 GB for \
             3200000 rows: use ward or single linkage, which do without, cluster a sample of at most 23170 rows, or raise the limit"
        );
        assert!(says(0).contains("at most 1 rows"));
    }
}

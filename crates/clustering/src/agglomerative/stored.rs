//! The linkages that need the distances of all pairs in memory: kodama's.

use super::{Linkage, LinkageMethod, Merge};
use adflux_core::{Context, Error, Result};
use ndarray::ArrayView2;
use rayon::prelude::*;

/// The tree of rows by a linkage that is neither Ward's nor single: O(rows²) memory, refused beyond `max_memory` bytes before it
/// is asked for.
pub(super) fn stored(x: ArrayView2<f64>, method: LinkageMethod, max_memory: u64, context: &Context) -> Result<Linkage> {
    let rows = x.nrows();
    let bytes = bytes_of(rows);
    if bytes > u128::from(max_memory) {
        let reason = format!(
            "{} linkage keeps the distances of all pairs, which takes {} for {rows} rows: use ward or single linkage, which do \
             without, cluster a sample of at most {} rows, or raise the limit",
            method.name(),
            readable(bytes),
            most_rows(max_memory),
        );
        return Err(Error::parameter("max_memory", max_memory, reason));
    }
    let mut distances = distances(x)?;
    context.check()?;
    let method = match method {
        LinkageMethod::Ward => kodama::Method::Ward,
        LinkageMethod::Single => kodama::Method::Single,
        LinkageMethod::Complete => kodama::Method::Complete,
        LinkageMethod::Average => kodama::Method::Average,
        LinkageMethod::Weighted => kodama::Method::Weighted,
        LinkageMethod::Centroid => kodama::Method::Centroid,
        LinkageMethod::Median => kodama::Method::Median,
    };
    let tree = kodama::linkage(&mut distances, rows, method);
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

/// The distances of all pairs: of the first row to all after it, of the second, and so on.
fn distances(x: ArrayView2<f64>) -> Result<Vec<f64>> {
    let rows = x.nrows();
    let pairs = rows * rows.saturating_sub(1) / 2;
    let mut distances = Vec::new();
    distances.try_reserve_exact(pairs).map_err(Error::backend)?;
    distances.resize(pairs, 0.0);
    let mut left = &mut distances[..];
    let mut of_row = Vec::with_capacity(rows);
    for row in 0..rows {
        let (own, rest) = left.split_at_mut(rows - row - 1);
        of_row.push(own);
        left = rest;
    }
    let x = x.as_standard_layout();
    of_row.into_par_iter().enumerate().for_each(|(row, distances)| {
        let own = x.row(row);
        for (distance, other) in distances.iter_mut().zip(x.rows().into_iter().skip(row + 1)) {
            *distance = own.iter().zip(other).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b)).sqrt();
        }
    });
    Ok(distances)
}

/// What the distances of all pairs take.
fn bytes_of(rows: usize) -> u128 {
    let rows = rows as u128;
    rows * rows.saturating_sub(1) / 2 * 8
}

/// The most rows whose distances fit.
fn most_rows(max_memory: u64) -> usize {
    let mut rows = (max_memory as f64 / 4.0).sqrt() as usize + 2;
    while rows > 1 && bytes_of(rows) > u128::from(max_memory) {
        rows -= 1;
    }
    rows
}

fn readable(bytes: u128) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn too_much_memory_is_refused_before_it_is_asked_for() {
        // As many rows as would take 40 TB; the rows themselves take nothing.
        let one = Array2::zeros((1, 1));
        let x = one.broadcast((3_200_000, 1)).unwrap();
        let says = |limit| stored(x, LinkageMethod::Average, limit, &Context::default()).unwrap_err().to_string();
        assert_eq!(
            says(1 << 31),
            "parameter `max_memory` = 2147483648: average linkage keeps the distances of all pairs, which takes 40960.0 GB for \
             3200000 rows: use ward or single linkage, which do without, cluster a sample of at most 23170 rows, or raise the limit"
        );
        assert!(says(0).contains("at most 1 rows"));
    }

    #[test]
    fn the_limit_is_met_exactly() {
        for rows in [2, 3, 100, 23_170] {
            let bytes = bytes_of(rows) as u64;
            assert_eq!((most_rows(bytes), most_rows(bytes - 1)), (rows, rows - 1));
        }
    }
}

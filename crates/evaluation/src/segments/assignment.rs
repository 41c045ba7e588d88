//! The assignment of the greatest sum (Kuhn, *The Hungarian method for the assignment problem*, 1955).

use ndarray::ArrayView2;

/// Gives each row at most one column and each column to at most one row, so that as many are assigned as can be and the sum of
/// their gains is greatest: SciPy's `linear_sum_assignment(gains, maximize=True)`. Where several assignments have that sum, the same
/// one every time. Gains must be finite; others count as 0.
///
/// The Hungarian method in the form of shortest augmenting paths (Jonker and Volgenant 1987): O(rows² · columns) for the shorter
/// side as rows.
///
/// ```
/// use adflux_evaluation::segments::assignment;
/// use ndarray::array;
/// // Each by itself would take the first column.
/// assert_eq!(assignment(array![[0.9, 0.8], [0.7, 0.1]].view()), [Some(1), Some(0)]);
/// ```
pub fn assignment(gains: ArrayView2<f64>) -> Vec<Option<usize>> {
    if gains.nrows() > gains.ncols() {
        let mut of_rows = vec![None; gains.nrows()];
        for (column, row) in assignment(gains.t()).into_iter().enumerate() {
            if let Some(row) = row {
                of_rows[row] = Some(column);
            }
        }
        return of_rows;
    }
    let (rows, columns) = gains.dim();
    let cost = |row: usize, column: usize| match gains[[row, column]] {
        gain if gain.is_finite() => -gain,
        _ => 0.0,
    };
    // Prices of rows and columns: no reduced cost is negative, and that of an assigned pair is 0. The last column is none.
    let (mut of_row, mut of_column) = (vec![0.0; rows], vec![0.0; columns + 1]);
    let mut owner: Vec<Option<usize>> = vec![None; columns + 1];
    for row in 0..rows {
        // The cheapest way from `row` to a free column, over columns that are taken.
        let (mut least, mut from, mut done) =
            (vec![f64::INFINITY; columns], vec![columns; columns], vec![false; columns + 1]);
        let mut at = columns;
        owner[columns] = Some(row);
        while let Some(here) = owner[at] {
            done[at] = true;
            let (mut next, mut step) = (columns, f64::INFINITY);
            for column in (0..columns).filter(|column| !done[*column]) {
                let reduced = cost(here, column) - of_row[here] - of_column[column];
                if reduced < least[column] {
                    (least[column], from[column]) = (reduced, at);
                }
                if least[column] < step {
                    (step, next) = (least[column], column);
                }
            }
            for column in 0..=columns {
                match owner[column] {
                    Some(owner) if done[column] => {
                        of_row[owner] += step;
                        of_column[column] -= step;
                    }
                    _ if column < columns => least[column] -= step,
                    _ => {}
                }
            }
            at = next;
        }
        while at != columns {
            owner[at] = owner[from[at]];
            at = from[at];
        }
    }
    let mut of_rows = vec![None; rows];
    owner[..columns]
        .iter()
        .enumerate()
        .filter_map(|(column, owner)| Some((column, (*owner)?)))
        .for_each(|(column, row)| of_rows[row] = Some(column));
    of_rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    /// The greatest sum, by trying every assignment.
    fn by_trying(gains: &Array2<f64>, row: usize, taken: &mut Vec<bool>) -> f64 {
        if row == gains.nrows() {
            return 0.0;
        }
        let mut best = f64::NEG_INFINITY;
        for column in 0..gains.ncols() {
            if !std::mem::replace(&mut taken[column], true) {
                best = best.max(gains[[row, column]] + by_trying(gains, row + 1, taken));
                taken[column] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_other_assignment_has_a_greater_sum(rows in 1_usize..6, more in 0_usize..3, cells in proptest::collection::vec(-4_i32..9, 40)) {
            let gains = Array2::from_shape_fn((rows, rows + more), |(r, c)| f64::from(cells[r * (rows + more) + c]) / 2.0);
            let assigned = assignment(gains.view());
            let sum: f64 = assigned.iter().enumerate().map(|(row, column)| gains[[row, column.unwrap()]]).sum();
            prop_assert_eq!(sum, by_trying(&gains, 0, &mut vec![false; rows + more]));
            let mut columns: Vec<_> = assigned.iter().flatten().collect();
            columns.sort_unstable();
            columns.dedup();
            prop_assert_eq!(columns.len(), rows);
            let flipped = assignment(gains.t());
            let sum: f64 = flipped.iter().enumerate().filter_map(|(row, column)| Some(gains[[(*column)?, row]])).sum();
            prop_assert_eq!(sum, by_trying(&gains, 0, &mut vec![false; rows + more]));
        }
    }

    #[test]
    fn nothing_is_assigned_to_nothing() {
        assert_eq!(assignment(Array2::zeros((0, 3)).view()), []);
        assert_eq!(assignment(Array2::zeros((2, 0)).view()), [None, None]);
        assert_eq!(assignment(Array2::from_elem((1, 2), f64::NAN).view()).iter().flatten().count(), 1);
    }
}

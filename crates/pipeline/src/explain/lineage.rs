//! From feature columns back to the columns of the frame.

use adflux_core::{Column, Contributions, Error, Result, Scale};
use ndarray::{Array2, Axis};

/// Contributions of one output, summed by the input columns that features came from: the base and rows × `inputs`; a feature that adds
/// something and came from several, so that it is nobody's alone, is given back in their place.
///
/// # Errors
/// When the output is not among those of the contributions, or a feature came from a column that is none of `inputs`.
pub(super) fn by_input(
    found: &Contributions,
    output: Option<&str>,
    inputs: &[String],
) -> Result<Result<(f64, Array2<f64>), Column>> {
    let (place, sign) = place_of(found, output)?;
    let values = found.values.index_axis(Axis(2), place);
    let mut sums = Array2::zeros((values.nrows(), inputs.len()));
    for (column, of_column) in found.columns.iter().zip(values.columns()) {
        let [source] = &column.sources[..] else {
            if of_column.iter().all(|v| *v == 0.0) {
                continue;
            }
            return Ok(Err(column.clone()));
        };
        let Some(input) = inputs.iter().position(|input| input == source) else {
            let reason = format!("came from `{source}`, which the pipeline does not read");
            return Err(Error::column(&column.name, reason));
        };
        sums.column_mut(input).scaled_add(sign, &of_column);
    }
    Ok(Ok((sign * found.base[place], sums)))
}

/// The place of an output, and −1 where what is known is about the other of two classes.
fn place_of(found: &Contributions, output: Option<&str>) -> Result<(usize, f64)> {
    match (&found.outputs[..], output) {
        ([], _) | (_, None) => Ok((0, 1.0)),
        // The odds of one class are the inverse of those of the other.
        ([class], Some(output)) if found.scale == Scale::LogOdds => Ok((0, if class == output { 1.0 } else { -1.0 })),
        (names, Some(output)) => match names.iter().position(|name| name == output) {
            Some(place) => Ok((place, 1.0)),
            None => Err(Error::data(format!("the model has no output called `{output}`"))),
        },
    }
}

//! The order in which levels are tried: the sets that a split looks at are the first parts of it.
//!
//! Of one number, or of the share of one of two classes, the best of all sets is a first part of the levels by their means (Fisher
//! 1958; Breiman, Friedman, Olshen & Stone 1984, theorem 4.5). Of more, the means are points, and the order is that along the line
//! that fits them best, their first principal component (Coppersmith, Hong & Hosking 1999): not always the best set, but one near
//! it, in the time of a sort.

/// Steps towards the line: it is nearly found after a few.
const STEPS: usize = 32;
/// How nearly.
const TURN: f64 = 1e-12;

/// Writes the levels into `order`, each with its key. Cells are `[rows, Σw, Σw·y for each output]`, `codes` those that have rows, and
/// `one_number` says that the last output tells all.
pub(super) fn load(
    cells: &[f64],
    stride: usize,
    codes: impl Iterator<Item = u8>,
    one_number: bool,
    order: &mut Vec<(f64, u8)>,
) {
    let cell = |code: u8| &cells[usize::from(code) * stride..][..stride];
    order.clear();
    order.extend(codes.map(|code| (cell(code)[stride - 1] / cell(code)[1], code)));
    // Two levels have one split, whatever their order.
    if one_number || order.len() < 3 {
        return;
    }
    let outputs = stride - 2;
    let (mut centre, mut total) = (vec![0.0; outputs], 0.0);
    for (_, code) in &*order {
        total += cell(*code)[1];
        centre.iter_mut().zip(&cell(*code)[2..]).for_each(|(sum, own)| *sum += own);
    }
    centre.iter_mut().for_each(|sum| *sum /= total);
    let points: Vec<(f64, Vec<f64>)> = order
        .iter()
        .map(|(_, code)| {
            let (weight, sums) = (cell(*code)[1], &cell(*code)[2..]);
            (weight, sums.iter().zip(&centre).map(|(sum, centre)| sum / weight - centre).collect())
        })
        .collect();
    let line = first_component(&points, outputs);
    order.iter_mut().zip(&points).for_each(|((key, _), (_, point))| *key = dot(point, &line));
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The direction in which weighted points around 0 lie farthest apart, by the power method from the point that counts most.
fn first_component(points: &[(f64, Vec<f64>)], outputs: usize) -> Vec<f64> {
    let mut line = vec![0.0; outputs];
    let mut most = 0.0;
    for (weight, point) in points {
        let counts = weight * dot(point, point);
        if counts > most {
            (most, line) = (counts, point.clone());
        }
    }
    let scale = |line: &mut [f64]| {
        let length = dot(line, line).sqrt();
        line.iter_mut().for_each(|v| *v = if length > 0.0 { *v / length } else { 0.0 });
    };
    scale(&mut line);
    for _ in 0..STEPS {
        let mut next = vec![0.0; outputs];
        for (weight, point) in points {
            let along = weight * dot(point, &line);
            next.iter_mut().zip(point).for_each(|(sum, v)| *sum += along * v);
        }
        scale(&mut next);
        let turned = 1.0 - dot(&line, &next);
        line = next;
        if turned < TURN {
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_are_ordered_along_it_however_they_weigh() {
        // The shares of three classes: level 0 stands between the others.
        let shares = [[0.4, 0.4, 0.2], [0.1, 0.7, 0.2], [0.7, 0.1, 0.2]];
        for weights in [[1.0, 1.0, 1.0], [5.0, 1.0, 0.2], [1.0, 1.0, 9.0]] {
            let cells: Vec<f64> = (0..3)
                .flat_map(|i| [1.0, weights[i]].into_iter().chain(shares[i].map(|share| share * weights[i])))
                .collect();
            let mut order = Vec::new();
            load(&cells, 5, [0, 1, 2].into_iter(), false, &mut order);
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert_eq!(order[1].1, 0, "{order:?}");
        }
    }

    #[test]
    fn points_that_are_one_have_no_order() {
        let mut order = Vec::new();
        load(&[1.0, 1.0, 0.5, 0.5, 0.0].repeat(3), 5, [0, 1, 2].into_iter(), false, &mut order);
        assert!(order.iter().all(|(key, _)| *key == 0.0));
    }
}

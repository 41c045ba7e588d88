//! TreeSHAP beside the definition of Shapley, on trees of random nodes, and beside the package shap.

use super::ensemble::Ensemble;
use crate::{
    table::Table,
    tree::nodes::{Step, Test, Tree},
};
use adflux_core::{Column, Context, Contributions, Scale, random::stream};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array2, Axis};
use rand::{Rng, RngExt as _};
use serde::Deserialize;
use std::sync::Arc;

const WIDTH: usize = 5;

fn columns(width: usize) -> Arc<[Column]> {
    (0..width).map(|i| Column::input(format!("x{i}"))).collect()
}

fn explain(trees: &[Tree], outputs: usize, x: &Array2<f64>, background: Option<&Array2<f64>>) -> Contributions {
    let columns = columns(x.ncols());
    let ensemble = Ensemble {
        columns: &columns,
        trees: vec![(0, trees)],
        factor: 1.0,
        base: vec![0.25; outputs],
        scale: Scale::Outcome,
        names: (0..outputs).filter(|_| outputs > 1).map(|i| i.to_string()).collect(),
        step: "trees",
    };
    let background = background.map(Table::of);
    ensemble.contributions(&Table::of(x), background.as_ref(), &Context::default()).unwrap()
}

/// A tree of splits by thresholds and by sets, of columns that come again on a way; some covers are 0.
fn random_tree(outputs: usize, depth: usize, rng: &mut impl Rng) -> Tree {
    fn grow(tree: &mut Tree, depth: usize, cover: f64, rng: &mut impl Rng) {
        if depth == 0 || rng.random::<f64>() < 0.15 {
            let values: Vec<f64> = (0..tree.outputs()).map(|_| rng.random::<f64>() * 4.0 - 2.0).collect();
            return tree.push_leaf(cover, |to| to.extend(values));
        }
        let column = rng.random_range(0..WIDTH);
        let test = match column {
            4 => Test::In([rng.random_range(1..15), 0, 0, 0]),
            _ => Test::UpTo(rng.random::<f64>()),
        };
        let at = tree.len();
        tree.push_split(column, test, rng.random::<f64>() < 0.5, cover);
        let left = if rng.random::<f64>() < 0.1 { 0.0 } else { (cover * rng.random::<f64>()).floor() };
        grow(tree, depth - 1, left, rng);
        tree.right_is_next(at);
        grow(tree, depth - 1, cover - left, rng);
    }
    let mut tree = Tree::new(outputs);
    grow(&mut tree, depth, 1000.0, rng);
    tree
}

/// Numbers in 0 to 1, levels 0 to 3 in the last column, and missing values in all.
fn random_rows(rows: usize, rng: &mut impl Rng) -> Array2<f64> {
    Array2::from_shape_fn((rows, WIDTH), |(_, column)| match rng.random::<f64>() {
        missing if missing < 0.15 => f64::NAN,
        _ if column == 4 => f64::from(rng.random_range(0..4_u8)),
        _ => rng.random::<f64>(),
    })
}

/// What a tree says of a row of which the columns of `known` are known, the others going both ways.
fn both_ways(tree: &Tree, at: usize, row: &[f64], known: usize, output: usize) -> f64 {
    match tree.step(at) {
        Step::Leaf(values) => values[output],
        Step::Split { column, right } => {
            let side = |child| both_ways(tree, child, row, known, output);
            if known >> column & 1 == 1 {
                return side(if tree.goes_left(at, row) { at + 1 } else { right });
            }
            let (left, other) = (tree.cover(at + 1), tree.cover(right));
            let share = if left + other > 0.0 { left / (left + other) } else { 0.5 };
            share * side(at + 1) + (1.0 - share) * side(right)
        }
    }
}

/// Shapley's definition: over all sets without the column, weighted.
fn shapley(value: impl Fn(usize) -> f64) -> Vec<f64> {
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    let of = |column: usize| {
        let without = (0..1_usize << WIDTH).filter(|set| set >> column & 1 == 0);
        let credit = |set: usize| {
            let n = set.count_ones();
            let weight = factorial(n) * factorial(WIDTH as u32 - n - 1) / factorial(WIDTH as u32);
            weight * (value(set | 1 << column) - value(set))
        };
        without.map(credit).sum()
    };
    (0..WIDTH).map(of).collect()
}

#[test]
fn paths_give_what_the_definition_gives() {
    for (seed, outputs) in [(1, 1), (2, 1), (3, 3)] {
        let mut rng = stream(seed, &[]);
        let trees: Vec<Tree> = (0..4).map(|depth| random_tree(outputs, 2 * depth, &mut rng)).collect();
        // More than one group of rows, the last not full.
        let x = random_rows(19, &mut rng);
        let explained = explain(&trees, outputs, &x, None);
        for output in 0..outputs {
            let mean: f64 = trees.iter().map(|tree| both_ways(tree, 0, &[], 0, output)).sum();
            assert_close(explained.base[output], 0.25 + mean, 1e-12);
            for (row, found) in x.rows().into_iter().zip(explained.values.index_axis(Axis(2), output).rows()) {
                let row = row.to_vec();
                let value = |known| trees.iter().map(|tree| both_ways(tree, 0, &row, known, output)).sum::<f64>();
                assert_all_close(&found.to_vec(), &shapley(value), 1e-12);
            }
        }
    }
}

#[test]
fn backgrounds_give_what_the_definition_gives() {
    for (seed, outputs, rows) in [(4, 1, 1), (5, 2, 7), (6, 1, 130)] {
        let mut rng = stream(seed, &[]);
        let trees: Vec<Tree> = (0..4).map(|depth| random_tree(outputs, 2 * depth, &mut rng)).collect();
        let (x, background) = (random_rows(6, &mut rng), random_rows(rows, &mut rng));
        let explained = explain(&trees, outputs, &x, Some(&background));
        for output in 0..outputs {
            for (row, found) in x.rows().into_iter().zip(explained.values.index_axis(Axis(2), output).rows()) {
                let value = |known: usize| {
                    let of = |other: ndarray::ArrayView1<f64>| {
                        let mixed: Vec<f64> =
                            (0..WIDTH).map(|c| if known >> c & 1 == 1 { row[c] } else { other[c] }).collect();
                        trees.iter().map(|tree| both_ways(tree, 0, &mixed, usize::MAX, output)).sum::<f64>()
                    };
                    0.25 + background.rows().into_iter().map(of).sum::<f64>() / rows as f64
                };
                assert_close(explained.base[output], value(0), 1e-12);
                assert_all_close(&found.to_vec(), &shapley(value), 1e-12);
            }
        }
    }
}

#[test]
fn a_way_down_of_hundreds_of_splits_ends() {
    let mut tree = Tree::new(1);
    let depth = 3000;
    for i in 0..depth {
        tree.push_split(
            i % WIDTH,
            Test::UpTo(1.0 - i as f64 / depth as f64),
            false,
            f64::from(depth as u32 - i as u32 + 1),
        );
    }
    tree.push_leaf(1.0, |to| to.push(1.0));
    for i in (0..depth).rev() {
        tree.right_is_next(i);
        tree.push_leaf(1.0, |to| to.push(i as f64 / depth as f64));
    }
    let x = random_rows(3, &mut stream(7, &[])).mapv(|v| if v.is_nan() { 0.1 } else { v });
    for background in [None, Some(&x)] {
        let explained = explain(std::slice::from_ref(&tree), 1, &x, background);
        for (row, found) in x.rows().into_iter().zip(explained.values.index_axis(Axis(2), 0).rows()) {
            let said = 0.25 + both_ways(&tree, 0, &row.to_vec(), usize::MAX, 0);
            assert_close(explained.base[0] + found.sum(), said, 1e-9);
        }
    }
}

#[derive(Deserialize)]
struct Node {
    /// None of a leaf.
    column: Option<usize>,
    threshold: f64,
    /// Levels that go left, of a split by levels.
    levels: Option<Vec<u8>>,
    missing_left: bool,
    left: usize,
    right: usize,
    cover: f64,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    trees: Vec<Vec<Node>>,
    x: Vec<Vec<Option<f64>>>,
    background: Option<Vec<Vec<Option<f64>>>>,
    base: Vec<f64>,
    /// Rows × columns × outputs.
    values: Vec<Vec<Vec<f64>>>,
}

fn table(rows: &[Vec<Option<f64>>]) -> Array2<f64> {
    let flat = rows.iter().flatten().map(|v| v.unwrap_or(f64::NAN)).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), flat).unwrap()
}

fn rebuilt(nodes: &[Node], at: usize, tree: &mut Tree) {
    let node = &nodes[at];
    let Some(column) = node.column else { return tree.push_leaf(node.cover, |to| to.extend(&node.values)) };
    let test = match &node.levels {
        Some(levels) => {
            let mut set = [0; 4];
            levels.iter().for_each(|level| set[usize::from(level >> 6)] |= 1 << (level & 63));
            Test::In(set)
        }
        None => Test::UpTo(node.threshold),
    };
    let place = tree.len();
    tree.push_split(column, test, node.missing_left, node.cover);
    rebuilt(nodes, node.left, tree);
    tree.right_is_next(place);
    rebuilt(nodes, node.right, tree);
}

#[test]
fn shap_and_lightgbm_give_the_same() {
    let files = ["explain/forests.json", "explain/trees.json"];
    for case in files.into_iter().flat_map(fixture::<Vec<Case>>) {
        println!("{}", case.name);
        let outputs = case.base.len();
        let trees: Vec<Tree> = (case.trees.iter())
            .map(|nodes| {
                let mut tree = Tree::new(outputs);
                rebuilt(nodes, 0, &mut tree);
                tree
            })
            .collect();
        let background = case.background.as_deref().map(table);
        let explained = explain(&trees, outputs, &table(&case.x), background.as_ref());
        assert_all_close(&explained.base.mapv(|base| base - 0.25), &case.base, 1e-6);
        assert_all_close(&explained.values, case.values.iter().flatten().flatten(), 1e-6);
    }
}

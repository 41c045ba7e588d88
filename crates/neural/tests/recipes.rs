//! The recipes for tables: what they learn, take and refuse.

use adflux_core::{
    Block, Categories, ClassTarget, Column, Features, Fit, Predict, Rows as _, Target, Training, Values, random::stream,
};
use adflux_neural::{MlpClassifier, MlpLoss, MlpRegressor};
use ndarray::{Array1, Array2};
use rand::RngExt as _;

/// Numbers, dense and sparse, and a category: of all of them the target is made.
fn table(rows: usize, seed: u64) -> (Features, Array1<f64>) {
    let mut rng = stream(seed, &[1]);
    let dense = Array2::from_shape_fn((rows, 2), |_| 100.0 + 50.0 * rng.random::<f64>());
    let mut cells = sprs::TriMat::new((rows, 3));
    let mut marks = vec![0.0; rows];
    for (row, mark) in marks.iter_mut().enumerate() {
        let column = rng.random_range(0..3);
        cells.add_triplet(row, column, 4.0);
        *mark = column as f64;
    }
    let codes: Vec<u32> = (0..rows).map(|_| rng.random_range(0..4)).collect();
    let bonus = [0.0, 3.0, -2.0, 5.0];
    let y = (0..rows).map(|row| {
        let (a, b) = ((dense[[row, 0]] - 125.0) / 25.0, (dense[[row, 1]] - 125.0) / 25.0);
        20.0 + 3.0 * a * b + marks[row] + bonus[codes[row] as usize]
    });
    let y: Array1<f64> = y.collect();
    let levels = ["bogota", "lima", "madrid", "quito"].map(String::from);
    let blocks = vec![
        Block::new(["bid", "budget"].map(Column::input).to_vec(), Values::Dense(dense)).unwrap(),
        Block::new(["s0", "s1", "s2"].map(Column::input).to_vec(), Values::Sparse(cells.to_csr())).unwrap(),
        Block::new(vec![Column::input("city")], Values::Category(Categories { codes, levels: levels.into() })).unwrap(),
    ];
    (Features::new(rows, blocks).unwrap(), y)
}

/// A small table of numbers alone.
fn small() -> (Features, Array1<f64>) {
    let x = Array2::from_shape_fn((60, 3), |(row, column)| ((row * (2 * column + 3)) % 13) as f64);
    let y = x.rows().into_iter().map(|row| row[0] + 2.0 * row[1]).collect();
    (Features::from_dense(x, ["a", "b", "c"]).unwrap(), y)
}

pub fn numbers() -> Training<Features> {
    let (x, y) = small();
    Training::new(x).with_target(Target::Values(y))
}

pub fn classes() -> Training<Features> {
    let (x, y) = small();
    let labels: Vec<&str> = y
        .iter()
        .map(|y| {
            if *y < 12.0 {
                "few"
            } else if *y < 24.0 {
                "some"
            } else {
                "many"
            }
        })
        .collect();
    Training::new(x).with_target(Target::Classes(ClassTarget::from_labels(&labels)))
}

#[test]
fn numbers_signs_and_levels_are_learned_from() {
    let ((x, y), (new, truth)) = (table(3000, 1), table(500, 2));
    let recipe = MlpRegressor::new([32, 16]).learning_rate(0.005).dropout(0.0).epochs(60);
    let model = recipe.fit(Training::new(x).with_target(Target::Values(y))).unwrap();
    let predicted = model.predict(&new).unwrap();
    let mean = truth.mean().unwrap();
    let (error, spread) = predicted
        .iter()
        .zip(&truth)
        .fold((0.0, 0.0), |(error, spread), (p, t)| (error + (p - t) * (p - t), spread + (t - mean) * (t - mean)));
    assert!(1.0 - error / spread > 0.97, "R² {}", 1.0 - error / spread);
    assert!(model.history().epochs() <= 60);
}

#[test]
fn levels_are_known_by_name_and_new_ones_share_a_vector() {
    let (x, y) = table(600, 3);
    let model = MlpRegressor::new([8]).epochs(5).fit(Training::new(x.clone()).with_target(Target::Values(y))).unwrap();
    let renamed = |names: [&str; 4], codes: &[u32]| {
        let rows: Vec<usize> = vec![0; codes.len()];
        let mut blocks = x.take(&rows).into_blocks();
        let levels = names.map(String::from);
        let city = Categories { codes: codes.to_vec(), levels: levels.into() };
        blocks[2] = Block::new(vec![Column::input("city")], Values::Category(city)).unwrap();
        model.predict(&Features::new(codes.len(), blocks).unwrap()).unwrap()
    };
    let first = renamed(["bogota", "lima", "madrid", "quito"], &[1, 3]);
    let turned = renamed(["quito", "madrid", "lima", "bogota"], &[2, 0]);
    assert_eq!(first, turned);
    let unknown = renamed(["cali", "medellin", "lima", "bogota"], &[0, 1, Categories::MISSING]);
    assert!(unknown[0] == unknown[1] && unknown[1] == unknown[2]);
}

#[test]
fn two_and_three_classes_have_probabilities_that_sum_to_one() {
    let (x, y) = table(1500, 4);
    for (bounds, least) in [(vec![21.0], 0.85), (vec![19.0, 23.0], 0.75)] {
        let labels: Vec<String> = y.iter().map(|y| bounds.iter().filter(|b| y > b).count().to_string()).collect();
        let target = ClassTarget::from_labels(&labels);
        let data = Training::new(x.clone()).with_target(Target::Classes(target.clone()));
        let model = MlpClassifier::new([32]).learning_rate(0.01).epochs(40).fit(data).unwrap();
        let classes = model.predict(&x).unwrap();
        assert!(classes.probabilities.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-9));
        let right = classes.most_probable().iter().zip(&target.codes).filter(|(a, b)| **a == **b as usize).count();
        assert!(right as f64 / 1500.0 > least, "{right}");
    }
}

#[test]
fn counts_are_above_zero_and_outliers_bend_huber_less() {
    let (x, y) = small();
    let data = |y: Array1<f64>| Training::new(x.clone()).with_target(Target::Values(y));
    let recipe = MlpRegressor::new([16]).epochs(60).learning_rate(0.01);
    let counts = recipe.clone().loss(MlpLoss::Poisson).fit(data(y.clone())).unwrap().predict(&x).unwrap();
    assert!(counts.iter().all(|v| *v > 0.0));
    let below = recipe.clone().loss(MlpLoss::Poisson).fit(data(y.mapv(|v| v - 5.0))).unwrap_err().to_string();
    assert!(below.starts_with("column `target`, row") && below.ends_with("poisson needs 0 or more"), "{below}");
    let mut spoiled = y.clone();
    spoiled[7] = 1e5;
    let mean = |loss: MlpLoss| {
        let model = recipe.clone().loss(loss).validation_fraction(0.0).fit(data(spoiled.clone())).unwrap();
        let predicted = model.predict(&x).unwrap();
        predicted.iter().enumerate().filter(|(row, _)| *row != 7).map(|(_, p)| *p).sum::<f64>() / 59.0
    };
    let (squared, absolute) = (mean(MlpLoss::SquaredError), mean(MlpLoss::AbsoluteError));
    assert!((absolute - 18.0).abs() < (squared - 18.0).abs(), "{absolute} {squared}");
}

#[test]
fn rows_of_weight_zero_are_not_learned_from() {
    let (x, y) = small();
    let weights: Array1<f64> = (0..60).map(|row| f64::from(u8::from(row % 2 == 0))).collect();
    let mut spoiled = y.clone();
    (0..60).filter(|row| row % 2 == 1).for_each(|row| spoiled[row] = 1e6);
    let recipe = MlpRegressor::new([4]).epochs(5).validation_fraction(0.0);
    let fitted = |y: Array1<f64>| {
        let data = Training::new(x.clone()).with_target(Target::Values(y)).with_weights(weights.clone());
        recipe.fit(data).unwrap().predict(&x).unwrap()
    };
    assert_eq!(fitted(y), fitted(spoiled));
}

#[test]
fn text_one_class_and_missing_numbers_are_refused_by_name() {
    let (x, y) = small();
    let text = Block::new(vec![Column::input("title")], Values::Text(vec!["a".to_string(); 60].into())).unwrap();
    let data = Training::new(Features::new(60, vec![text]).unwrap()).with_target(Target::Values(y));
    let says = MlpRegressor::default().fit(data).unwrap_err().to_string();
    assert!(says.starts_with("`mlp-regressor` does not take text features (column `title`)"), "{says}");
    let one = Training::new(x).with_target(Target::Classes(ClassTarget::from_labels(&["yes"; 60])));
    assert!(MlpClassifier::default().fit(one).unwrap_err().to_string().contains("only one class"));
}

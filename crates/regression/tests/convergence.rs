//! What a fit says that ended too early.

use crate::data::{dense, labels, smooth, values};
use adflux_core::{CancelToken, Context, Error, Features, Fit, Progress, Training};
use adflux_regression::{
    ElasticNetCV, FtrlClassifier, HuberRegressor, Lasso, LassoCV, LogisticRegression, Penalty, PoissonRegressor,
};
use ndarray::{Array1, Array2};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn update(&self, _: &str, _: u64, _: Option<u64>) {}
    fn warn(&self, _: Option<&str>, message: &str) {
        self.0.lock().unwrap().push(message.to_string());
    }
}

/// What a fit warns of, and its model.
fn heard<R: Fit<Training<Features>>>(recipe: &R, data: &Training<Features>) -> (R::Fitted, Vec<String>) {
    let heard = Arc::new(Heard::default());
    let fitted = recipe.fit_with(data.clone(), &Context::default().with_progress(heard.clone())).unwrap();
    let said = heard.0.lock().unwrap().clone();
    (fitted, said)
}

#[test]
fn a_fit_that_ended_too_early_says_so_and_one_that_did_not_is_quiet() {
    let (x, y) = smooth(80, 3);
    let numbers = values(x.clone(), y.mapv(|y| (0.2 * y).exp()));
    let classes = Training::new(dense(x)).with_target(labels(&y.mapv(|y| u32::from(y > 2.0)), 2));
    macro_rules! both {
        ($recipe:ident { $($field:ident: $value:expr),* }, $data:expr, $kind:literal) => {
            let of = |max_iter| heard(&$recipe { $($field: $value,)* max_iter, ..$recipe::default() }, $data);
            let (early, said) = of(1);
            assert!(!early.converged(), $kind);
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].starts_with(concat!("`", $kind, "` did not converge within max_iter = 1, ")), "{said:?}");
            let (late, said) = of(100_000);
            assert!(late.converged() && said.is_empty(), "{said:?}");
        };
    }
    both!(PoissonRegressor { alpha: 0.1 }, &numbers, "poisson-regressor");
    both!(LogisticRegression { c: 1.0 }, &classes, "logistic-regression");
    both!(LogisticRegression { penalty: Penalty::L1 }, &classes, "logistic-regression");
    both!(HuberRegressor { alpha: 0.01 }, &numbers, "huber-regressor");
    both!(Lasso { alpha: 1e-3, tol: 1e-8 }, &numbers, "lasso");
    both!(LassoCV { tol: 1e-8 }, &numbers, "lasso-cv");
    both!(ElasticNetCV { tol: 1e-8 }, &numbers, "elastic-net-cv");
}

/// Cancels after so many rows.
struct Until(CancelToken, u64);

impl Progress for Until {
    fn update(&self, task: &str, done: u64, _: Option<u64>) {
        if task == "rows learned from" && done >= self.1 {
            self.0.cancel();
        }
    }
}

#[test]
fn a_pass_over_many_rows_is_cancelled_within_it() {
    let x = Array2::from_shape_fn((200_000, 1), |(row, _)| (row % 7) as f64);
    let data = Training::new(dense(x)).with_target(labels(&Array1::from_iter((0..200_000).map(|row| row % 2)), 2));
    let token = CancelToken::default();
    let context = Context::default().with_cancel(token.clone());
    let context = context.with_progress(Arc::new(Until(token, 65_536)));
    assert!(matches!(FtrlClassifier::default().fit_with(data, &context), Err(Error::Cancelled)));
}

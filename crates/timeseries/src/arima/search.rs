//! The search for an order, in steps as Hyndman and Khandakar's.

use super::{
    AutoArima,
    fit::{Differenced, FINAL, Fit, SEARCH, carried, fit},
    order::ArimaOrder,
};
use ndarray::ArrayView2;

/// Where the search steps, in this order: changes of P and Q, then of p and q.
const SEASONAL: [[isize; 2]; 8] = [[-1, 0], [0, -1], [1, 0], [0, 1], [-1, -1], [-1, 1], [1, -1], [1, 1]];

/// Models with an autoregressive root nearer to the unit circle are not taken: the series should be differenced once more.
const AR_ROOTS_BEYOND: f64 = 1.01;
/// Models with a moving average root nearer to it are not taken. The exact likelihood knows what to do near the circle, where series that are
/// differenced often lie; on it, errors of long ago would never fade.
const MA_ROOTS_BEYOND: f64 = 1.001;

/// The orders that may be tried.
#[derive(Clone, Copy, Debug)]
struct Most {
    p: usize,
    q: usize,
    seasonal_p: usize,
    seasonal_q: usize,
}

struct Search<'a> {
    recipe: &'a AutoArima,
    most: Most,
    with_constant: Option<Differenced>,
    without: Differenced,
    tried: Vec<(ArimaOrder, bool)>,
    best: Option<Fit>,
}

/// The best order of `recipe` for a series that has to be differenced as `order` says; `None` when no order suits.
pub(super) fn best(
    recipe: &AutoArima,
    values: &[f64],
    covariates: ArrayView2<'_, f64>,
    order: ArimaOrder,
) -> Option<Fit> {
    let (n, m) = (values.len(), order.season_length);
    let least = |a: usize, b: usize, season: usize| if m > 1 { a.min(b).min(season) } else { a.min(b) };
    let most = Most {
        p: least(recipe.max_p, n / 3, m - 1),
        q: least(recipe.max_q, n / 3, m - 1),
        seasonal_p: if m > 1 { recipe.max_seasonal_p.min(n / 3 / m) } else { 0 },
        seasonal_q: if m > 1 { recipe.max_seasonal_q.min(n / 3 / m) } else { 0 },
    };
    let mut search = Search {
        recipe,
        most,
        with_constant: recipe.constant_may_be(&order).then(|| Differenced::new(values, covariates, &order, true)),
        without: Differenced::new(values, covariates, &order, false),
        tried: Vec::new(),
        best: None,
    };
    if recipe.stepwise {
        search.stepwise(order, n)
    } else {
        search.all(order)
    }
    let best = search.best.take()?;
    let refined = fit(search.on(best.constant)?, best.order, std::slice::from_ref(&best.free), FINAL);
    Some(refined.filter(|refined| refined.log_likelihood >= best.log_likelihood).unwrap_or(best))
}

impl Search<'_> {
    fn on(&self, constant: bool) -> Option<&Differenced> {
        if constant { self.with_constant.as_ref() } else { Some(&self.without) }
    }

    /// Whether an order that was not tried before is better than the best so far, which it then is.
    fn improves(&mut self, order: ArimaOrder, constant: bool) -> bool {
        if self.tried.contains(&(order, constant)) || self.tried.len() >= self.recipe.max_models {
            return false;
        }
        self.tried.push((order, constant));
        let Some(on) = self.on(constant) else { return false };
        let mut starts = vec![vec![0.0; order.searched()]];
        starts.extend(self.best.as_ref().map(|best| carried(&best.free, &best.order, &order)));
        let found = fit(on, order, &starts, SEARCH)
            .filter(|fit| fit.aicc.is_finite() && fit.by.roots_beyond(AR_ROOTS_BEYOND, MA_ROOTS_BEYOND));
        let better = found.filter(|fit| self.best.as_ref().is_none_or(|best| fit.aicc < best.aicc));
        let improved = better.is_some();
        self.best = better.or(self.best.take());
        improved
    }

    fn stepwise(&mut self, zero: ArimaOrder, steps: usize) {
        let (recipe, most) = (self.recipe, self.most);
        let constant = self.with_constant.is_some();
        let few = steps < 10;
        let start =
            |from: usize, most: usize, few_at_most: usize| from.min(most).min(if few { few_at_most } else { from });
        let seasonal_ar = most.seasonal_p.min(1);
        let seasonal_ma = most.seasonal_q.min(1);
        for order in [
            ArimaOrder {
                p: start(recipe.start_p, most.p, 1),
                q: start(recipe.start_q, most.q, 1),
                seasonal_p: start(recipe.start_seasonal_p, most.seasonal_p, 0),
                seasonal_q: start(recipe.start_seasonal_q, most.seasonal_q, 0),
                ..zero
            },
            zero,
            ArimaOrder { p: most.p.min(1), seasonal_p: seasonal_ar, ..zero },
            ArimaOrder { q: most.q.min(1), seasonal_q: seasonal_ma, ..zero },
        ] {
            self.improves(order, constant);
        }
        if constant {
            self.improves(zero, false);
        }
        while let Some((order, constant)) = self.best.as_ref().map(|best| (best.order, best.constant)) {
            let beside = neighbours(&order, most).into_iter().map(|order| (order, constant));
            let other = self.with_constant.is_some().then_some((order, !constant));
            let steps: Vec<_> = beside.chain(other).collect();
            // The best of them, not the first that is better.
            let improving = steps.into_iter().filter(|(order, constant)| self.improves(*order, *constant)).count();
            if improving == 0 {
                break;
            }
        }
    }

    fn all(&mut self, zero: ArimaOrder) {
        let most = self.most;
        for p in 0..=most.p {
            for q in 0..=most.q {
                for seasonal_p in 0..=most.seasonal_p {
                    for seasonal_q in 0..=most.seasonal_q {
                        let order = ArimaOrder { p, q, seasonal_p, seasonal_q, ..zero };
                        if order.searched() <= self.recipe.max_order {
                            self.improves(order, false);
                            self.improves(order, true);
                        }
                    }
                }
            }
        }
    }
}

/// The orders one step away.
fn neighbours(order: &ArimaOrder, most: Most) -> Vec<ArimaOrder> {
    let within = |from: usize, by: isize, most: usize| from.checked_add_signed(by).filter(|to| *to <= most);
    let seasonal = SEASONAL.iter().filter_map(|[p, q]| {
        let seasonal_p = within(order.seasonal_p, *p, most.seasonal_p)?;
        let seasonal_q = within(order.seasonal_q, *q, most.seasonal_q)?;
        Some(ArimaOrder { seasonal_p, seasonal_q, ..*order })
    });
    let plain = SEASONAL.iter().filter_map(|[p, q]| {
        Some(ArimaOrder { p: within(order.p, *p, most.p)?, q: within(order.q, *q, most.q)?, ..*order })
    });
    seasonal.chain(plain).collect()
}

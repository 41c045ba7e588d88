//! The conformance kit on every forecaster of this crate.

use crate::panel;
use adflux_core::Panel;
use adflux_testing::conformance;
use adflux_timeseries::{
    Additive, Arima, Auto, AutoArima, AutoEts, AutoTheta, Bounded, Combination, Conformal, Croston, Drift,
    GlobalBoosting, MstlForecaster, Naive, SeasonalNaive, Seasonality, Tsb, WindowAverage, register,
};

#[test]
fn naive() {
    conformance::forecaster(Naive::default(), panel()).scale_equivariant().check();
}

#[test]
fn seasonal_naive() {
    conformance::forecaster(SeasonalNaive::new(4), panel())
        .scale_equivariant()
        .refuses("season_length", SeasonalNaive::new(0))
        .check();
}

#[test]
fn drift() {
    conformance::forecaster(Drift::default(), panel()).scale_equivariant().check();
}

#[test]
fn window_average() {
    conformance::forecaster(WindowAverage::new(5), panel())
        .scale_equivariant()
        .refuses("window_size", WindowAverage::new(0))
        .check();
}

#[test]
fn auto_ets() {
    conformance::forecaster(AutoEts::new(4), panel())
        .scale_equivariant()
        .refuses("season_length", AutoEts::new(0))
        .refuses("model", AutoEts::default().model("ZZ"))
        .check();
}

#[test]
fn auto_theta() {
    conformance::forecaster(AutoTheta::new(4), panel())
        .scale_equivariant()
        .refuses("season_length", AutoTheta::new(0))
        .check();
}

#[test]
fn bounded() {
    conformance::forecaster(Bounded::above(-100.0, AutoEts::new(4)), panel())
        .registry(register)
        .refuses("min", Bounded::above(f64::NAN, Naive::default()))
        .refuses("max", Bounded::between(1.0, 1.0, Naive::default()))
        .check();
}

#[test]
fn conformal() {
    conformance::forecaster(Conformal::new(2, Drift::default()).pooled(false).windows(19), panel())
        .registry(register)
        .scale_equivariant()
        .refuses("horizon", Conformal::new(0, Naive::default()))
        .refuses("windows", Conformal::new(1, Naive::default()).windows(0))
        .check();
}

#[test]
fn auto_arima() {
    conformance::forecaster(AutoArima::new(4), panel())
        .scale_equivariant()
        .refuses("season_length", AutoArima::new(0))
        .refuses("d", AutoArima::default().d(3))
        .refuses("seasonal_d", AutoArima::new(4).seasonal_d(3))
        .refuses("max_d", AutoArima { max_d: 3, ..AutoArima::default() })
        .refuses("max_seasonal_d", AutoArima { max_seasonal_d: 3, ..AutoArima::default() })
        .refuses("max_p", AutoArima { max_p: 11, ..AutoArima::default() })
        .refuses("max_q", AutoArima { max_q: 11, ..AutoArima::default() })
        .refuses("max_seasonal_p", AutoArima { max_seasonal_p: 11, ..AutoArima::default() })
        .refuses("max_seasonal_q", AutoArima { max_seasonal_q: 11, ..AutoArima::default() })
        .refuses("max_models", AutoArima { max_models: 0, ..AutoArima::default() })
        .check();
}

#[test]
fn conformal_over_all_series() {
    conformance::forecaster(Conformal::new(2, Drift::default()).windows(19), panel())
        .registry(register)
        .scale_equivariant()
        .learns_across_series()
        .check();
}

#[test]
fn mstl() {
    conformance::forecaster(MstlForecaster::new([4]), panel())
        .registry(register)
        .scale_equivariant()
        .refuses("periods", MstlForecaster::default())
        .refuses("periods", MstlForecaster::new([1]))
        .check();
}

/// Series that are 0 most of the time.
fn demand() -> Panel {
    let of =
        |every: usize| (0..40).map(|step| if step * step % every == 1 { (step % 5 + 1) as f64 } else { 0.0 }).collect();
    Panel::from_values([("welder", of(5)), ("nurse", of(8))]).unwrap()
}

#[test]
fn croston() {
    conformance::forecaster(Croston::default(), demand()).scale_equivariant().check();
}

#[test]
fn tsb() {
    conformance::forecaster(Tsb::default(), demand())
        .scale_equivariant()
        .refuses("alpha_d", Tsb::new(0.0, 0.2))
        .refuses("alpha_p", Tsb::new(0.2, 1.5))
        .check();
}

#[test]
fn combination() {
    let recipe = Combination::default().forecaster(SeasonalNaive::new(4)).forecaster(AutoTheta::new(4));
    conformance::forecaster(recipe.forecaster(Drift::default()), panel())
        .registry(register)
        .scale_equivariant()
        .refuses("steps", Combination::default())
        .check();
}

#[test]
fn global_boosting() {
    conformance::forecaster(GlobalBoosting::new(4).horizon(3).n_estimators(20), panel())
        .scale_equivariant()
        .learns_across_series()
        .refuses("season_length", GlobalBoosting::new(0))
        .refuses("lags", GlobalBoosting::default().lags([0]))
        .refuses("windows", GlobalBoosting::default().windows([1_000_000]))
        .refuses("differences", GlobalBoosting::default().differences([1, 1, 1, 1]))
        .refuses("horizon", GlobalBoosting::default().horizon(0))
        .refuses("calibration_windows", GlobalBoosting::default().calibration_windows(0))
        .refuses("max_rows", GlobalBoosting::default().max_rows(0))
        .refuses("n_estimators", GlobalBoosting::default().n_estimators(0))
        .check();
}

#[test]
fn auto() {
    let recipe = Auto::new(4, 3).candidate(Naive::default()).candidate(Drift::default());
    conformance::forecaster(recipe.candidate(SeasonalNaive::new(4)), panel())
        .registry(register)
        .scale_equivariant()
        .refuses("season_length", Auto::new(0, 1))
        .refuses("horizon", Auto::new(1, 0))
        .refuses("windows", Auto::new(1, 1).windows(0))
        .refuses("time_budget", Auto::new(1, 1).time_budget(0.0))
        .check();
}

#[test]
fn arima() {
    conformance::forecaster(Arima::new([1, 0, 1]).seasonal([0, 1, 1], 4), panel())
        .scale_equivariant()
        .refuses("season_length", Arima::default().seasonal([0, 0, 0], 61))
        .refuses("order", Arima::new([0, 3, 0]))
        .refuses("seasonal_order", Arima::default().seasonal([1, 0, 0], 1))
        .refuses("include_drift", Arima::new([0, 2, 0]).include_drift(true))
        .check();
}

#[test]
fn additive() {
    conformance::forecaster(Additive::default().seasons([Seasonality::new(4.0, 1)]), panel())
        .scale_equivariant()
        .refuses("seasons", Additive::default().seasons([Seasonality::new(7.0, 0)]))
        .refuses("n_changepoints", Additive::default().n_changepoints(501))
        .refuses("changepoint_range", Additive::default().changepoint_range(1.5))
        .refuses("changepoint_prior_scale", Additive::default().changepoint_prior_scale(0.0))
        .refuses("seasonality_prior_scale", Additive::default().seasonality_prior_scale(f64::NAN))
        .refuses("holidays_prior_scale", Additive::default().holidays_prior_scale(-1.0))
        .check();
}

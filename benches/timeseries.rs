//! Forecasts of simulated series: two years of days with a week's season, and five years of weeks.
//!
//! ```text
//! cargo bench --bench timeseries
//! ```
//!
//! Beside the times, the mean absolute error over the steps held back is printed, and that of the seasonal naive forecast: a fast
//! forecast that is no better is no use. For statsforecast on real series see `benches/peers/timeseries.py`.

use adflux_core::{
    Context, Fit, Forecaster, Panel, Result,
    random::{Rng, stream},
};
use adflux_timeseries::{
    Additive, Anomalies, AutoArima, AutoEts, AutoTheta, Croston, GlobalBoosting, Mstl, SeasonalNaive, Seasonality, Stl,
    Tsb,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rand::RngExt as _;
use std::hint::black_box;

/// Steps held back.
const HORIZON: usize = 14;

/// Series that wander, grow and repeat, their last steps apart.
fn series(count: u64, steps: usize, season: usize) -> Result<(Panel, Vec<Vec<f64>>)> {
    let one = |id: u64| -> Vec<f64> {
        let mut rng = stream(5, &[id]);
        let (mut level, slope) = (100.0, rng.random_range(-0.02..0.06));
        let shape: Vec<f64> = (0..season).map(|_| rng.random_range(0.7..1.3)).collect();
        let of = |step: usize| {
            level = f64::max(level + slope + rng.random_range(-1.0..1.0), 5.0);
            level * shape[step % season] * rng.random_range(0.9..1.1)
        };
        (0..steps + HORIZON).map(of).collect()
    };
    let all: Vec<Vec<f64>> = (0..count).map(one).collect();
    let past = all.iter().enumerate().map(|(id, values)| (id.to_string(), values[..steps].to_vec()));
    Ok((Panel::from_values(past)?, all.into_iter().map(|values| values[steps..].to_vec()).collect()))
}

fn error<R: Fit<Panel>>(recipe: &R, past: &Panel, future: &[Vec<f64>]) -> Result<f64>
where
    R::Fitted: Forecaster,
{
    let forecast = recipe.fit(past.clone())?.forecast(HORIZON, &[0.8], None)?;
    let pairs = forecast.series.iter().zip(future).flat_map(|(of, truth)| of.mean.iter().zip(truth));
    Ok(pairs.map(|(a, b)| (a - b).abs()).sum::<f64>() / (future.len() * HORIZON) as f64)
}

fn forecasts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("forecast");
    group.sample_size(10);
    for (name, count, steps, season) in [("days", 20, 730, 7), ("weeks", 40, 260, 1)] {
        let Ok((past, future)) = series(count, steps, season) else { return };
        let (ets, theta, arima) = (AutoEts::new(season), AutoTheta::new(season), AutoArima::new(season));
        let naive = error(&SeasonalNaive::new(season), &past, &future);
        let of_theta = error(&theta, &past, &future);
        let of_arima = error(&arima, &past, &future);
        if let (Ok(naive), Ok(ets), Ok(theta), Ok(arima)) = (naive, error(&ets, &past, &future), of_theta, of_arima) {
            print!("{count} series of {steps} {name}: MAE seasonal naive {naive:.2}, ETS {ets:.2}, ");
            println!("theta {theta:.2}, ARIMA {arima:.2}");
        }
        let global = GlobalBoosting::new(season).horizon(HORIZON);
        let waves = if season > 1 { vec![Seasonality::new(season as f64, 3)] } else { Vec::new() };
        let additive = Additive::default().seasons(waves);
        if let (Ok(global), Ok(additive)) = (error(&global, &past, &future), error(&additive, &past, &future)) {
            println!("{count} series of {steps} {name}: MAE global boosting {global:.2}, additive {additive:.2}");
        }
        group.bench_function(BenchmarkId::new("additive", name), |b| b.iter(|| black_box(additive.fit(past.clone()))));
        group.bench_function(BenchmarkId::new("global-boosting", name), |b| {
            b.iter(|| black_box(global.fit(past.clone())))
        });
        group.bench_function(BenchmarkId::new("auto-ets", name), |b| b.iter(|| black_box(ets.fit(past.clone()))));
        group.bench_function(BenchmarkId::new("auto-theta", name), |b| b.iter(|| black_box(theta.fit(past.clone()))));
        group.bench_function(BenchmarkId::new("auto-arima", name), |b| b.iter(|| black_box(arima.fit(past.clone()))));
    }
    group.finish();
}

/// Two years of days, by the week; a quarter of hours, by the day and the week.
fn decompositions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decompose");
    let (Ok((days, _)), Ok((hours, _))) = (series(1, 730, 7), series(1, 2184, 168)) else { return };
    let (days, hours) = (days.series()[0].values(), hours.series()[0].values());
    for robust in [false, true] {
        let name = if robust { "robust" } else { "plain" };
        let (stl, mstl) = (Stl::new(7).robust(robust), Mstl::new([24, 168]).robust(robust));
        group.bench_function(BenchmarkId::new("stl", name), |b| b.iter(|| black_box(stl.decompose(days))));
        group.bench_function(BenchmarkId::new("mstl", name), |b| b.iter(|| black_box(mstl.decompose(hours))));
    }
    group.finish();
}

/// Two years of days with an application on one of five.
fn intermittent(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("intermittent");
    let demand = |rng: &mut Rng| if rng.random_bool(0.2) { f64::from(rng.random_range(1..6)) } else { 0.0 };
    let one = |id: u64| {
        let mut rng = stream(6, &[id]);
        (id.to_string(), (0..730).map(|_| demand(&mut rng)).collect())
    };
    let Ok(panel) = Panel::from_values((0..1000).map(one)) else { return };
    group.bench_function("croston", |b| b.iter(|| black_box(Croston::default().fit(panel.clone()))));
    group.bench_function("tsb", |b| b.iter(|| black_box(Tsb::default().fit(panel.clone()))));
    group.finish();
}

/// Two years of days, by the week.
fn anomalies(criterion: &mut Criterion) {
    let Ok((panel, _)) = series(100, 730, 7) else { return };
    let recipe = Anomalies::new([7]);
    criterion.bench_function("anomalies/100 series of 730", |b| {
        b.iter(|| black_box(recipe.detect(&panel, &Context::default())))
    });
}

criterion_group!(benches, forecasts, decompositions, intermittent, anomalies);
criterion_main!(benches);

//! Searches on functions whose best point is known, and what becomes of their logs.

use adflux_core::{Context, Error, Result};
use adflux_evaluation::search::{Candidate, Dimension, Evaluation, Found, Goal, Halving, Method, Search, Space, Trial};
use std::{collections::HashSet, fs, path::Path};
use tempfile::TempDir;

/// Branin and Hoo: three minima of 0.397887.
fn branin(x: f64, y: f64) -> f64 {
    use std::f64::consts::PI;
    let bowl = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
    bowl * bowl + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos() + 10.0
}

fn branin_space() -> Space {
    Space::new().with("x", Dimension::float(-5.0, 10.0)).with("y", Dimension::float(0.0, 15.0))
}

fn branin_at(candidate: &Candidate) -> Result<f64> {
    Ok(branin(candidate.float("x")?, candidate.float("y")?))
}

/// Hartmann's function of six variables: a minimum of −3.32237.
fn hartmann6(x: &[f64]) -> f64 {
    const ALPHA: [f64; 4] = [1.0, 1.2, 3.0, 3.2];
    const A: [[f64; 6]; 4] = [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ];
    const P: [[f64; 6]; 4] = [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ];
    let term = |i: usize| {
        let inner: f64 = (0..6).map(|j| A[i][j] * (x[j] - P[i][j]).powi(2)).sum();
        ALPHA[i] * (-inner).exp()
    };
    -(0..4).map(term).sum::<f64>()
}

const HARTMANN_NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn hartmann_at(candidate: &Candidate) -> Result<f64> {
    let x = HARTMANN_NAMES.iter().map(|name| candidate.float(name)).collect::<Result<Vec<f64>>>()?;
    Ok(hartmann6(&x))
}

fn hartmann_space() -> Space {
    HARTMANN_NAMES.iter().fold(Space::new(), |space, name| space.with(*name, Dimension::float(0.0, 1.0)))
}

fn smallest(search: Search, space: &Space, of: impl Fn(&Candidate) -> Result<f64>) -> Found {
    search.study(space).minimize(|candidate, _| Ok(of(candidate)?.into()), &Context::default()).unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The medians over 20 seeds of what TPE and a random search find with as many trials, and how often TPE is better.
fn beside_random(trials: usize, space: &Space, of: fn(&Candidate) -> Result<f64>) -> (f64, f64, usize) {
    let found = |search: Search, seed| smallest(search.seed(seed), space, of).best().value.unwrap();
    let pairs: Vec<(f64, f64)> =
        (0..20).map(|seed| (found(Search::tpe(trials), seed), found(Search::random(trials), seed))).collect();
    let (tpe, random): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    (median(tpe), median(random), pairs.iter().filter(|(tpe, random)| tpe < random).count())
}

#[test]
fn tpe_finds_better_points_than_a_random_search_with_as_many_trials() {
    let (tpe, random, better) = beside_random(80, &branin_space(), branin_at);
    println!("Branin, 80 trials: TPE {tpe:.3}, random {random:.3}, TPE better for {better} of 20 seeds");
    assert!(tpe - 0.397_887 < 0.5 * (random - 0.397_887) && better >= 15, "{tpe} {random} {better}");

    let (tpe, random, better) = beside_random(100, &hartmann_space(), hartmann_at);
    println!("Hartmann6, 100 trials: TPE {tpe:.3}, random {random:.3}, TPE better for {better} of 20 seeds");
    assert!(tpe + 3.322_37 < 0.5 * (random + 3.322_37) && better >= 18, "{tpe} {random} {better}");
}

#[test]
fn tpe_learns_choices_whole_numbers_and_scales() {
    let space = Space::new()
        .with("kind", Dimension::choice(["bad", "good", "poor"]))
        .with("n", Dimension::integer(1, 1000).log())
        .with("rate", Dimension::float(1e-5, 1.0).log());
    let loss = |c: &Candidate| {
        let kind = if c.text("kind")? == "good" { 0.0 } else { 3.0 };
        Ok(kind + (c.integer("n")? as f64 / 30.0).ln().abs() + (c.float("rate")? / 1e-3).ln().abs())
    };
    let of = |search: Search| {
        let best = |seed| smallest(search.clone().seed(seed), &space, loss).best().value.unwrap();
        median((0..10).map(best).collect())
    };
    let (tpe, random) = (of(Search::tpe(60)), of(Search::random(60)));
    assert!(tpe < 0.6 * random, "{tpe} {random}");
    let found = smallest(Search::tpe(60), &space, loss);
    assert_eq!(found.best().point["kind"].as_str(), Some("good"));
    for trial in &found.trials {
        let (n, rate) = (trial.point["n"].as_integer().unwrap(), trial.point["rate"].as_float().unwrap());
        assert!((1..=1000).contains(&n) && (1e-5..=1.0).contains(&rate));
    }
    // On the log scale as many draws lie below the geometric middle as above.
    let drawn = smallest(Search::random(400), &space, loss);
    let low = drawn.trials.iter().filter(|t| t.point["rate"].as_float().unwrap() < 10f64.powf(-2.5)).count();
    assert!((160..=240).contains(&low), "{low}");
}

#[test]
fn halving_finds_what_a_random_search_finds_at_a_third_of_the_cost() {
    // On a share s of the rows the value is off by up to 0.3 / √s.
    let noisy = |c: &Candidate| {
        let (x, y) = (c.float("x")?, c.float("y")?);
        Ok(branin(x, y) + 0.3 / c.budget.sqrt() * (40.0 * x + 17.0 * y).sin())
    };
    let space = branin_space();
    for seed in 0..10 {
        let halving = smallest(Search::successive_halving(81).seed(seed), &space, noisy);
        let random = smallest(Search::random(81).seed(seed), &space, noisy);
        let cost = |found: &Found| found.trials.iter().map(|trial| trial.budget).sum::<f64>();
        assert!(cost(&halving) < cost(&random) / 3.0, "{} of {}", cost(&halving), cost(&random));
        assert_eq!(halving.best().point, random.best().point, "seed {seed}");
        assert_eq!(halving.best().budget, 1.0);
    }
}

#[test]
fn halving_climbs_its_rungs() {
    let search = Search::successive_halving(20).halving(Halving { factor: 3, min_budget: 0.1, ..Halving::default() });
    let mut given = Vec::new();
    let fails = |c: &Candidate| c.float("x").map(|x| x < -3.0);
    let space = branin_space();
    let found = search
        .study(&space)
        .minimize(
            |c, _| {
                given.push(c.budget);
                if fails(c)? { Err(Error::data("too far left")) } else { Ok(branin_at(c)?.into()) }
            },
            &Context::default(),
        )
        .unwrap();
    let rungs: Vec<usize> =
        [1.0 / 9.0, 1.0 / 3.0, 1.0].iter().map(|b| given.iter().filter(|g| (**g - b).abs() < 1e-12).count()).collect();
    assert_eq!(rungs, [20, 6, 2]);
    // Only points that were judged rise, the best first.
    let first = &found.trials[..20];
    let mut ranked: Vec<&Trial> = first.iter().filter(|trial| trial.value.is_some()).collect();
    ranked.sort_by(|a, b| a.value.unwrap().total_cmp(&b.value.unwrap()));
    assert!(ranked.len() < 20 && found.failed() == 20 - ranked.len());
    assert_eq!(found.trials[20].point, ranked[0].point);
    // Where the first rung would spend less than is allowed there are fewer.
    let all = Search::successive_halving(20).halving(Halving { min_budget: 1.0, ..Halving::default() });
    assert_eq!(smallest(all, &space, branin_at).trials.len(), 20);
}

#[test]
fn a_grid_has_every_combination_once() {
    let space = Space::new()
        .with("a", Dimension::integer(1, 3))
        .with("b", Dimension::choice(["x", "y"]))
        .with("c", Dimension::float(0.01, 100.0).log());
    let found = smallest(Search::grid(30), &space, |c| Ok(c.float("a")? + c.float("c")?));
    let points: HashSet<String> = found.trials.iter().map(|t| t.point.to_string()).collect();
    assert_eq!((found.trials.len(), points.len()), (30, 30));
    let c: Vec<f64> = found.trials[..5].iter().map(|t| t.point["c"].as_float().unwrap()).collect();
    for (value, expected) in c.iter().zip([0.01, 0.1, 1.0, 10.0, 100.0]) {
        assert!((value / expected - 1.0).abs() < 1e-12, "{c:?}");
    }
    let says = Search::grid(29).study(&space).check().unwrap_err().to_string();
    assert!(says.contains("the grid has 30 points"), "{says}");
}

#[test]
fn many_trials_of_a_wide_space_are_all_other_points() {
    // With every point compared with every other this took minutes.
    let space = Space::new().with("a", Dimension::integer(1, 300)).with("b", Dimension::integer(1, 300));
    let found = smallest(Search::random(60_000), &space, |candidate| candidate.float("a"));
    let points: HashSet<String> = found.trials.iter().map(|trial| trial.point.to_string()).collect();
    assert_eq!((found.trials.len(), points.len()), (60_000, 60_000));
}

#[test]
fn a_small_space_is_tried_once_each_and_then_it_is_over() {
    let space = Space::new().with("a", Dimension::integer(1, 4)).with("b", Dimension::choice([true, false]));
    for search in [Search::random(100), Search::tpe(100), Search::successive_halving(27)] {
        let method = search.method;
        let found = smallest(search, &space, |c| c.float("a"));
        let whole: Vec<&Trial> = match method {
            Method::Halving => found.trials.iter().take_while(|t| t.budget == found.trials[0].budget).collect(),
            _ => found.trials.iter().collect(),
        };
        let points: HashSet<String> = whole.iter().map(|t| t.point.to_string()).collect();
        assert_eq!((whole.len(), points.len()), (8, 8), "{method:?}");
        assert_eq!(found.best().value, Some(1.0));
    }
}

/// Trials without the time they took.
fn timeless(trials: &[Trial]) -> Vec<Trial> {
    trials.iter().map(|trial| Trial { seconds: 0.0, ..trial.clone() }).collect()
}

fn logged(search: &Search, path: &Path, subject: &str, calls: &mut usize) -> Result<Found> {
    let space = branin_space();
    search.study(&space).log(path, subject).minimize(
        |candidate, _| {
            *calls += 1;
            Ok(Evaluation { value: branin_at(candidate)?, deviation: Some(0.5) })
        },
        &Context::default(),
    )
}

#[test]
fn a_search_goes_on_where_its_log_ends() {
    let folder = TempDir::new().unwrap();
    for search in [Search::tpe(30), Search::random(30), Search::successive_halving(27), Search::grid(25)] {
        let path = folder.path().join(format!("{:?}.ndjson", search.method));
        let mut calls = 0;
        let whole = logged(&search, &path, "data 1", &mut calls).unwrap();
        assert_eq!((calls, whole.resumed), (whole.trials.len(), 0));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1 + whole.trials.len());

        // Stopped after 12 trials, the 13th half written.
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        fs::write(&path, lines[..13].concat() + &lines[13][..lines[13].len() / 2]).unwrap();
        let mut calls = 0;
        let resumed = logged(&search, &path, "data 1", &mut calls).unwrap();
        assert_eq!((calls, resumed.resumed), (whole.trials.len() - 12, 12));
        assert_eq!(timeless(&resumed.trials), timeless(&whole.trials));
        assert_eq!(resumed.best().point, whole.best().point);

        // Nothing is left to do.
        let mut calls = 0;
        let again = logged(&search, &path, "data 1", &mut calls).unwrap();
        assert_eq!((calls, again.trials), (0, resumed.trials));
    }
}

#[test]
fn a_log_of_another_search_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log.ndjson");
    let mut calls = 0;
    logged(&Search::tpe(12), &path, "data 1", &mut calls).unwrap();
    let mut says = |search: Search, subject: &str| logged(&search, &path, subject, &mut calls).unwrap_err().to_string();
    assert!(says(Search::tpe(12), "data 2").contains("its data, recipe, measure or folds differ"));
    assert!(says(Search::tpe(12).seed(1), "data 1").contains("its method, seed or settings differ"));
    assert!(says(Search::random(12), "data 1").contains("its method, seed or settings differ"));
    let other = Space::new().with("x", Dimension::float(0.0, 1.0));
    let search = Search::tpe(12);
    let refused = search.study(&other).log(&path, "data 1").minimize(|_, _| Ok(0.0.into()), &Context::default());
    assert!(refused.unwrap_err().to_string().contains("it is of another search space"));
    let space = branin_space();
    let refused = search.study(&space).log(&path, "data 1").maximize(|_, _| Ok(0.0.into()), &Context::default());
    assert!(refused.unwrap_err().to_string().contains("the other end"));
    // More trials are no other search.
    let more = logged(&Search::tpe(15), &path, "data 1", &mut calls).unwrap();
    assert_eq!((more.resumed, more.trials.len()), (12, 15));

    // Damage in the middle is named by line, and another file is not written over.
    let text = fs::read_to_string(&path).unwrap().replacen("\"number\":3", "\"numbr\":3", 1);
    fs::write(&path, text).unwrap();
    let said = logged(&Search::tpe(15), &path, "data 1", &mut calls).unwrap_err().to_string();
    assert!(said.contains("line 5 is damaged"), "{said}");
    for other in ["x,y\n1,2\n", "hello", "{\"a\": 1}\n"] {
        fs::write(&path, other).unwrap();
        assert!(
            logged(&Search::tpe(15), &path, "", &mut calls).unwrap_err().to_string().contains("no log of a search")
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
    }
}

#[test]
fn a_search_cut_short_by_time_is_had_again_from_what_it_tried() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log.ndjson");
    let space = branin_space();
    let search = Search::tpe(1000).max_seconds(0.05);
    let slow = |c: &Candidate, _: &Context| {
        std::thread::sleep(std::time::Duration::from_millis(4));
        Ok(branin_at(c)?.into())
    };
    let found = search.study(&space).log(&path, "").minimize(slow, &Context::default()).unwrap();
    assert!(found.out_of_time && (2..=13).contains(&found.trials.len()), "{}", found.trials.len());
    // From its log without a fit, and from the number of its trials without a log.
    let never = |_: &Candidate, _: &Context| -> Result<Evaluation> { panic!("nothing is left to try") };
    assert_eq!(search.study(&space).log(&path, "").minimize(never, &Context::default()).unwrap().trials, found.trials);
    let again = smallest(Search::tpe(found.trials.len()), &space, branin_at);
    assert_eq!(timeless(&again.trials), timeless(&found.trials));
}

#[test]
fn failures_are_recorded_and_the_search_goes_on() {
    let space = branin_space();
    let objective = |c: &Candidate, _: &Context| match c.float("x")? {
        x if x < 0.0 => Err(Error::data("the left side is closed")),
        x if x > 9.0 => Ok(f64::NAN.into()),
        _ => Ok(branin_at(c)?.into()),
    };
    let search = Search::tpe(60);
    let found = search.study(&space).run(Goal::Minimize, objective, &Context::default()).unwrap();
    let errors: HashSet<&str> = found.trials.iter().filter_map(|t| t.error.as_deref()).collect();
    assert!(errors.contains("the left side is closed"), "{errors:?}");
    assert!(found.failed() > 0 && found.failed() < 30 && found.best().value.unwrap() < 2.0);
    assert!(found.ranked()[59].value.is_none() && found.ranked()[0] == found.best());
    // TPE learns where not to look.
    let late = found.trials[30..].iter().filter(|t| t.value.is_none()).count();
    assert!(late <= 8, "{late}");

    let all_fail = search.study(&space).minimize(|_, _| Err(Error::data("no luck")), &Context::default());
    assert_eq!(all_fail.unwrap_err().to_string(), "none of 60 trials could be judged; the first: no luck");
    let context = Context::default();
    let stop = |_: &Candidate, context: &Context| {
        context.cancel_token().cancel();
        Ok(0.0.into())
    };
    assert!(matches!(search.study(&space).minimize(stop, &context), Err(Error::Cancelled)));
}

#[test]
fn what_cannot_be_searched_is_named() {
    let says = |space: &str| space.parse::<Space>().unwrap_err().to_string();
    assert_eq!(
        says("model.max_depth"),
        "search space: `model.max_depth` is not PATH=VALUES, as in model.max_depth=4..20"
    );
    assert_eq!(says("a=9..3"), "search space, `a`: 9 is above 3");
    assert_eq!(says("a=0..3:log"), "search space, `a`: a log scale needs a low end of 1 or more, not 0");
    assert_eq!(says("a=0.0..3.0:log"), "search space, `a`: a log scale needs a low end above 0, not 0");
    assert_eq!(says("a=x..3"), "search space, `a`: \"x\" to 3 is no range of numbers");
    assert_eq!(says("a=1..2,a=1..3"), "search space, `a`: named twice");
    assert!(says("a=x|y:log").contains("is no range") && says("").contains("is empty"));
    let file = |text: &str| toml::from_str::<Space>(text).unwrap_err().to_string();
    assert!(file("model.max_depth = { low = 3, hgh = 9 }").contains("`model.max_depth`: unknown `hgh`"));
    assert!(file("a = 3").contains("`a`: 3: give { low, high }"));
    let space = branin_space();
    let of = |search: Search| search.study(&space).check().unwrap_err().to_string();
    assert!(of(Search::tpe(0)).contains("`trials`") && of(Search::grid(9).grid_points(0)).contains("`grid_points`"));
    assert!(of(Search::grid(9).grid_points(1_000_000_000_000)).contains("at most 100000"));
    assert!(of(Search::tpe(9).max_seconds(0.0)).contains("`max_seconds`"));
    assert!(
        of(Search::successive_halving(9).halving(Halving { factor: 1, ..Halving::default() })).contains("`factor`")
    );
    assert!(of(Search { tpe: toml::from_str("gamma = 1.0").unwrap(), ..Search::default() }).contains("`gamma`"));
    let text = toml::to_string(&space).unwrap();
    assert_eq!(toml::from_str::<Space>(&text).unwrap(), space);
}

//! Days, candidates and openings.

use adflux_core::Context;
use adflux_simulation::{Campaigns, CandidateSegment, Candidates, DailyMetrics, Jobs};
use std::collections::{BTreeMap, HashSet};

#[test]
fn the_days_of_a_campaign_add_up_to_the_campaign() {
    let campaigns = Campaigns::new(5000).seed(8);
    let whole = campaigns.generate(&Context::default()).unwrap();
    let daily = DailyMetrics::new(campaigns).seed(4).generate(&Context::default()).unwrap();
    let ids = daily.frame.texts("campaign_id").unwrap();
    for name in ["impressions", "clicks", "applications", "spend"] {
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for (id, value) in ids.iter().zip(daily.frame.numbers(name).unwrap()) {
            *sums.entry(id).or_default() += value;
        }
        let totals = whole.frame.numbers(name).unwrap();
        for (id, total) in whole.frame.texts("campaign_id").unwrap().iter().zip(totals) {
            assert!(
                (sums[id.as_str()] - total).abs() < 1e-6,
                "{name} of {id}: {} days, {total} whole",
                sums[id.as_str()]
            );
        }
    }
    let durations = whole.frame.numbers("duration_days").unwrap();
    assert_eq!(daily.frame.rows() as f64, durations.iter().sum::<f64>());
    let column = |name: &str| daily.frame.numbers(name).unwrap();
    let (impressions, clicks, applications) = (column("impressions"), column("clicks"), column("applications"));
    assert!((0..ids.len()).all(|row| applications[row] <= clicks[row] && clicks[row] <= impressions[row]));
    // The same for what was expected.
    approx::assert_relative_eq!(daily.truth.spend.sum(), whole.truth.spend.sum(), max_relative = 1e-9);
    approx::assert_relative_eq!(daily.truth.clicks.sum(), whole.truth.clicks.sum(), max_relative = 1e-9);
    approx::assert_relative_eq!(daily.truth.applications.sum(), whole.truth.applications.sum(), max_relative = 1e-9);
}

/// Sundays and Tuesdays differ as the truth says. Errors are taken campaign-wise by comparing shares of totals.
#[test]
fn weekdays_follow_the_truth() {
    let daily = DailyMetrics::new(Campaigns::new(20_000).seed(9)).generate(&Context::default()).unwrap();
    let dates = daily.frame.texts("date").unwrap();
    let weekday = |row: usize| dates[row].parse::<adflux_simulation::Date>().unwrap().weekday();
    let weekdays: Vec<usize> = (0..dates.len()).map(weekday).collect();
    let shares = |values: &[f64]| {
        let mut shares = [0.0; 7];
        for (value, &day) in values.iter().zip(&weekdays) {
            shares[day] += value;
        }
        let total: f64 = shares.iter().sum();
        shares.map(|share| share / total)
    };
    for (name, truth) in [
        ("impressions", &daily.truth.impressions),
        ("clicks", &daily.truth.clicks),
        ("applications", &daily.truth.applications),
        ("spend", &daily.truth.spend),
    ] {
        let (found, wanted) = (shares(&daily.frame.numbers(name).unwrap()), shares(&truth.to_vec()));
        for day in 0..7 {
            assert!((found[day] / wanted[day] - 1.0).abs() < 0.02, "{name}, day {day}: {found:?} for {wanted:?}");
        }
        assert!(wanted[1] > 1.2 * wanted[5], "Tuesday beats Saturday: {wanted:?}");
    }
}

#[test]
fn candidates_have_the_pay_and_the_segments_that_are_said() {
    let candidates = Candidates::new(50_000).seed(6).generate(&Context::default()).unwrap();
    let frame = &candidates.frame;
    let names: Vec<&str> = frame.names().collect();
    let wanted = [
        "candidate_id",
        "years_experience",
        "education",
        "skills",
        "location",
        "last_job_category",
        "expected_salary",
        "source",
    ];
    assert_eq!(names, wanted);
    assert!(names.iter().all(|name| frame.missing_in(name).unwrap() == 0));
    let asked = frame.numbers("expected_salary").unwrap();
    let ratio = asked.iter().sum::<f64>() / candidates.pay.sum();
    assert!((ratio - 1.0).abs() < 4.0 * 0.12 / 50_000_f64.sqrt() * 1.5, "{ratio}");
    let years = frame.numbers("years_experience").unwrap();
    let of = |segment| {
        let chosen: Vec<f64> =
            years.iter().zip(&candidates.segments).filter(|(_, s)| **s == segment).map(|(y, _)| *y).collect();
        (chosen.len() as f64 / 50_000.0, chosen.iter().sum::<f64>() / chosen.len() as f64)
    };
    let (share, experience) = of(CandidateSegment::Graduate);
    assert!((share - 0.20).abs() < 0.01 && (experience - 1.2).abs() < 0.1, "{share} {experience}");
    assert!((of(CandidateSegment::Technical).1 - 10.0).abs() < 0.3);
    for text in frame.texts("skills").unwrap().iter() {
        let skills: Vec<&str> = text.split("; ").collect();
        assert!((1..=7).contains(&skills.len()) && skills.iter().all(|s| !s.is_empty()), "{text}");
        assert_eq!(skills.iter().collect::<HashSet<_>>().len(), skills.len(), "{text}");
    }
    assert!(Candidates::new(0).generate(&Context::default()).unwrap_err().to_string().contains("`rows`"));
}

#[test]
fn openings_pay_what_is_usual() {
    let jobs = Jobs::new(50_000).seed(6).generate(&Context::default()).unwrap();
    let (low, high) = (jobs.frame.numbers("salary_min").unwrap(), jobs.frame.numbers("salary_max").unwrap());
    assert!(low.iter().zip(&high).all(|(low, high)| 0.0 < *low && low < high));
    let centre: f64 = low.iter().zip(&high).map(|(low, high)| (low + high) / 2.0).sum();
    let ratio = centre / jobs.pay.sum();
    assert!((ratio - 1.0).abs() < 4.0 * 0.10 / 50_000_f64.sqrt() * 1.5, "{ratio}");
    let (titles, remote) = (jobs.frame.texts("title").unwrap(), jobs.frame.numbers("remote").unwrap());
    for (title, remote) in titles.iter().zip(remote) {
        assert_eq!(title.contains("(Remot"), remote == 1.0, "{title}");
    }
    assert!(Jobs::new(0).generate(&Context::default()).unwrap_err().to_string().contains("`rows`"));
}

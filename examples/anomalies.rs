//! What went wrong, and since when? Daily click-through rates of a year by platform, with three faults put in; and a real series whose level
//! changed for good.
//!
//! `cargo run --release --features timeseries --example anomalies`

use adflux::{
    core::{
        Context, Panel, Result,
        calendar::{days, parse},
    },
    data::Frame,
    simulation::{Campaigns, DailyMetrics},
    timeseries::{Anomalies, AnomalyKind, AnomalyReport},
};
use std::collections::BTreeMap;

/// The flow of the Nile at Aswan, 1871 to 1970, in 10⁸ m³ a year: Cobb (1978), "The problem of the Nile".
#[rustfmt::skip]
const NILE: [f64; 100] = [
    1120., 1160., 963., 1210., 1160., 1160., 813., 1230., 1370., 1140., 995., 935., 1110., 994., 1020., 960., 1180., 799., 958., 1140.,
    1100., 1210., 1150., 1250., 1260., 1220., 1030., 1100., 774., 840., 874., 694., 940., 833., 701., 916., 692., 1020., 1050., 969.,
    831., 726., 456., 824., 702., 1120., 1100., 832., 764., 821., 768., 845., 864., 862., 698., 845., 744., 796., 1040., 759.,
    781., 865., 845., 944., 984., 897., 822., 1010., 771., 676., 649., 846., 812., 742., 801., 1040., 860., 874., 848., 890.,
    744., 749., 838., 1050., 918., 986., 797., 923., 975., 815., 1020., 906., 901., 1170., 912., 746., 919., 718., 714., 740.,
];

/// A fault: on a platform, from a day on, for so many days, clicks are this many times what they were.
type Fault<'a> = (&'a str, i64, i64, f64);

/// The click-through rate of each platform on each day of a year, in %, with the faults.
fn rates(frame: &Frame, first: i64, faults: &[Fault<'_>]) -> Result<Panel> {
    let (platforms, dates) = (frame.texts("platform")?, frame.texts("date")?);
    let (clicks, impressions) = (frame.numbers("clicks")?, frame.numbers("impressions")?);
    let mut sums: BTreeMap<(&String, i64), (f64, f64)> = BTreeMap::new();
    for (row, date) in dates.iter().enumerate() {
        let Some(day) = parse(date).map(|day| day as i64).filter(|day| (first..first + 365).contains(day)) else {
            continue;
        };
        let hit = |(of, from, days, _): &&Fault<'_>| platforms[row] == *of && (*from..from + days).contains(&day);
        let factor: f64 = faults.iter().filter(hit).map(|fault| fault.3).product();
        let sum = sums.entry((&platforms[row], day)).or_default();
        *sum = (sum.0 + factor * clicks[row], sum.1 + impressions[row]);
    }
    let ids = sums.keys().map(|(platform, _)| (*platform).clone());
    let times: Vec<i64> = sums.keys().map(|(_, day)| day * 86_400).collect();
    let values = sums.values().map(|(clicks, impressions)| 100.0 * clicks / impressions);
    Ok(Panel::builder().ids(ids).times(times).values(values.collect::<Vec<_>>()).build()?.0)
}

fn show(report: &AnomalyReport, unit: &str) {
    let before = |series: &adflux::timeseries::SeriesAnomalies, step: usize| series.expected[step.saturating_sub(1)];
    for series in &report.series {
        for anomaly in &series.anomalies {
            let step = anomaly.step;
            print!("  {}  {:<9} ", report.frequency.text(anomaly.time), series.id);
            match anomaly.kind {
                AnomalyKind::Point => println!(
                    "{:.2} {unit} instead of {:.2} ({:.2} to {:.2})",
                    series.values[step], series.expected[step], series.lower[step], series.upper[step]
                ),
                AnomalyKind::LevelShift => println!(
                    "a level {:+.2} {unit} off that before, about {:.2}, for {} steps",
                    anomaly.effect,
                    before(series, step),
                    anomaly.steps
                ),
            }
        }
    }
    if report.series.iter().all(|series| series.anomalies.is_empty()) {
        println!("  nothing");
    }
}

fn main() -> Result<()> {
    let context = Context::default();
    let frame = DailyMetrics::new(Campaigns::new(12_000).seed(3)).generate(&context)?.frame;
    let first = days(2023, 6, 1);
    let faults = [
        ("GOOGLE", days(2023, 11, 14), 1, 0.4),
        ("META", days(2024, 1, 20), 1, 2.5),
        ("TIKTOK", days(2024, 3, 8), 365, 0.5),
    ];
    println!("Put in: for a day GOOGLE loses 60 % of its clicks (2023-11-14), bots click on META (2024-01-20);");
    println!("from 2024-03-08 on half of the clicks on TIKTOK are not counted.");
    let (plain, faulty) = (rates(&frame, first, &[])?, rates(&frame, first, &faults)?);
    let anomalies = Anomalies::new([faulty.frequency().season()]);
    println!("\nFound in the click-through rates:");
    show(&anomalies.detect(&faulty, &context)?, "%");
    println!("\nWithout the faults, where campaigns come and go:");
    show(&anomalies.detect(&plain, &context)?, "%");

    println!("\nThe Nile at Aswan, step 0 being 1871:");

    let nile = Panel::from_values([("Nile", NILE.to_vec())])?;
    show(&Anomalies::default().detect(&nile, &context)?, "10⁸ m³");
    Ok(())
}

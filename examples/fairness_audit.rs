//! Are people called back alike? The callbacks of a real experiment, and what a model that learned from them would do.
//!
//! Bertrand and Mullainathan (2004) sent résumés that differed in the first name alone, chosen to sound white or black. First
//! the rates as they happened; then a pipeline learns callbacks **without** names, gender and race, selects the most
//! promising tenth of résumés it has not seen, and is audited by the columns that were kept beside.
//!
//! `cargo run --release --example fairness_audit`

use adflux::{
    data::Task,
    evaluation::{
        calibration::Bins,
        fairness::{Against, Aggregate, FourFifths, FourFifthsOptions, GroupedRates, Verdict, calibration, rates},
        splits::{FoldOptions, train_test_split},
    },
    pipeline::{find_proxies, groups_of},
    prelude::*,
};

const SENSITIVE: [&str; 2] = ["gender", "race"];
const OUTCOME: &str = "received_callback";
const LEVEL: f64 = 0.95;

fn main() -> Result<()> {
    let frame = Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/resume.csv"))?;

    println!("Callbacks as they happened");
    let called: Vec<bool> = frame.numbers(OUTCOME)?.iter().map(|value| *value == 1.0).collect();
    for columns in [&["race"][..], &["gender"], &SENSITIVE] {
        show(&rates(None, &called, &groups_of(&frame, columns)?, None, LEVEL)?)?;
    }

    // What must not be learned from gets a role, and so does what gives it away: the first name.
    let mut roles = frame.clone().with_role(OUTCOME, Role::Target)?.with_role("job_ad_id", Role::Group)?;
    for column in SENSITIVE {
        roles = roles.with_role(column, Role::Sensitive)?;
    }
    for proxy in find_proxies(&roles, &roles.names_with(Role::Feature), &SENSITIVE, 0.5)? {
        println!("{} gives {} away: not learned from", proxy.column, proxy.sensitive);
        roles = roles.with_role(&proxy.column, Role::Ignore)?;
    }

    // The résumés sent to one employer are never split between learning and judging.
    let data = roles.training_as(Task::Classification)?;
    let groups = data.groups.as_ref().map(|groups| groups.to_vec());
    let options = FoldOptions { groups: groups.as_deref(), shuffle: Some(42), ..FoldOptions::default() };
    let split = train_test_split(frame.rows(), 0.4, &options)?;
    let features = data.x.names().map(str::to_string).collect::<Vec<_>>();
    let forest = RandomForestClassifier { n_estimators: 100, min_samples_leaf: 10, ..Default::default() };
    let pipeline = Pipeline::new(ColumnTransformer::auto(&data.x, &features)?, forest);
    let fitted = pipeline.fit(data.take(&split.train))?;

    // The sensitive columns come back only now, to judge by.
    let unseen = frame.take(&split.test);
    let probability = fitted.run(&unseen)?.classes()?.probabilities.column(1).to_owned();
    let mut sorted = probability.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let threshold = sorted[sorted.len() / 10];
    let selected: Vec<bool> = probability.iter().map(|p| *p >= threshold).collect();
    let truth: Vec<bool> = split.test.iter().map(|row| called[*row]).collect();

    println!("\nWhom the model would select: the tenth of {} unseen résumés with the best chance", unseen.rows());
    for columns in [&["race"][..], &["gender"], &SENSITIVE] {
        let groups = groups_of(&unseen, columns)?;
        let found = rates(Some(&truth), &selected, &groups, None, LEVEL)?;
        show(&found)?;
        if let Some(odds) = found.equalized_odds(Against::Groups, Aggregate::WorstCase) {
            println!("  equalised odds differ by {:.1} points", 100.0 * odds.difference);
        }
        for of in calibration(&truth, probability.view(), &groups, Bins::EqualWidth(10), None)? {
            let (said, came) = (100.0 * of.mean_predicted, 100.0 * of.observed);
            println!("  {:<10} given a chance of {said:.1} % on the average, called back: {came:.1} %", of.group);
        }
    }
    Ok(())
}

/// The rates with their intervals, and the four-fifths rule in words.
fn show(found: &GroupedRates) -> Result<()> {
    println!();
    for of in &found.groups {
        let Some(rate) = of.selection_rate else { continue };
        let [value, lower, upper] = [rate.value, rate.lower, rate.upper].map(|share| 100.0 * share);
        println!("  {:<10} {value:>6.2} %  (95 % interval {lower:.2} to {upper:.2} %, {} résumés)", of.group, of.rows);
    }
    match found.four_fifths(&FourFifthsOptions::default())? {
        Some(check) => println!("  {}", in_words(&check)),
        None => println!("  four fifths: nobody was selected in a group that is large enough to compare"),
    }
    Ok(())
}

fn in_words(check: &FourFifths) -> String {
    let below: Vec<String> = check
        .groups
        .iter()
        .filter(|of| matches!(of.verdict, Verdict::Fails | Verdict::MayPass))
        .map(|of| {
            // Whether it is below four fifths by more than chance; that it is below 1 the interval says too.
            let chance = if of.verdict == Verdict::Fails { "surely" } else { "perhaps by chance" };
            let (ratio, lower, upper) = (of.ratio.value, of.ratio.lower, of.ratio.upper);
            let (group, reference, threshold) = (&of.group, &check.reference, check.threshold);
            format!("{group} at {ratio:.2} of {reference} ({lower:.2} to {upper:.2}), {chance} below {threshold:.1}")
        })
        .collect();
    if below.is_empty() { "four fifths: kept".into() } else { format!("four fifths: broken, {}", below.join("; ")) }
}

//! Whether a pipeline that predicts classes selects the groups alike: numbers, and what they say.

use super::{Arguments, LEVEL, fits, left_out, shown};
use crate::{
    numbers::{count, percent, rows},
    tables::{paragraph, table},
};
use adflux::{
    core::{ClassTarget, Classes, Error, Result, parameter::open_unit},
    evaluation::{
        Estimate,
        calibration::Bins,
        fairness::{
            Against, Aggregate, Disparity, FourFifths, FourFifthsGroup, FourFifthsOptions, GroupCalibration,
            GroupRates, GroupedRates, Groups, Verdict, calibration, clustered_rates, rates,
        },
    },
};
use ndarray::ArrayView1;
use serde::Serialize;

/// What the report says of the groups.
#[derive(Serialize)]
pub(super) struct Fairness {
    /// The class that is good to get.
    positive: String,
    level: f64,
    /// Groups of fewer rows are shown, and not compared.
    min_rows: usize,
    /// Those groups.
    too_small: Vec<String>,
    #[serde(flatten)]
    rates: GroupedRates,
    calibration: Vec<GroupCalibration>,
    demographic_parity: Option<Disparity>,
    equal_opportunity: Option<Disparity>,
    equalized_odds: Option<Disparity>,
    four_fifths: Option<FourFifths>,
}

/// Who the rows are.
pub(super) struct People<'a, 'w> {
    pub groups: &'a Groups,
    pub weights: Option<ArrayView1<'w, f64>>,
    /// Rows that belong together.
    pub clusters: Option<&'a [u32]>,
}

/// `None` for more than two classes of which none was named.
pub(super) fn judge(
    arguments: &Arguments,
    truth: &ClassTarget,
    predicted: &Classes,
    people: &People,
) -> Result<Option<Fairness>> {
    let People { groups, weights, clusters } = *people;
    let positive = match (&arguments.positive, &predicted.labels[..]) {
        (Some(name), labels) => name_of(name, labels)?,
        (None, [_, second]) => second,
        _ => return Ok(None),
    };
    let place = |labels: &[String]| labels.iter().position(|label| label == positive);
    let (Some(column), came) = (place(&predicted.labels), place(&truth.labels)) else { return Ok(None) };
    let truth: Vec<bool> = truth.codes.iter().map(|code| Some(*code as usize) == came).collect();
    let probability = predicted.probabilities.column(column);
    let selected: Vec<bool> = match arguments.threshold {
        Some(threshold) => {
            open_unit("threshold", threshold)?;
            probability.iter().map(|p| *p >= threshold).collect()
        }
        None => predicted.most_probable().into_iter().map(|label| label == column).collect(),
    };
    let min_rows = arguments.min_rows;
    let options = FourFifthsOptions { level: LEVEL, min_rows, ..FourFifthsOptions::default() };
    let rates = match clusters {
        Some(clusters) => clustered_rates(Some(&truth), &selected, groups, weights, LEVEL, clusters)?,
        None => rates(Some(&truth), &selected, groups, weights, LEVEL)?,
    };
    let (large, small) = rates.without_small(min_rows);
    let too_small = small.into_iter().map(str::to_string).collect();
    // Of one group nothing can be compared: 0 would say that groups are alike.
    let several = |rate: fn(&GroupRates) -> Option<Estimate>| large.groups.iter().filter_map(rate).count() > 1;
    let (selects, finds, errs) =
        (several(|of| of.selection_rate), several(|of| of.true_positive_rate), several(|of| of.false_positive_rate));
    let four_fifths = if selects { rates.four_fifths(&options)? } else { None };
    Ok(Some(Fairness {
        positive: positive.into(),
        level: LEVEL,
        min_rows,
        too_small,
        calibration: calibration(&truth, probability, groups, Bins::EqualWidth(10), weights)?,
        demographic_parity: large.demographic_parity(Against::Groups).filter(|_| selects),
        equal_opportunity: large.equal_opportunity(Against::Groups).filter(|_| finds),
        equalized_odds: large.equalized_odds(Against::Groups, Aggregate::WorstCase).filter(|_| finds && errs),
        four_fifths,
        rates,
    }))
}

fn name_of<'a>(name: &str, labels: &'a [String]) -> Result<&'a String> {
    let unknown = || Error::parameter("positive", name, format!("must be one of {}", labels.join(", ")));
    labels.iter().find(|label| *label == name).ok_or_else(unknown)
}

impl Fairness {
    /// A table, and sentences that say what it means.
    pub fn words(&self) -> String {
        let mut out = format!("Who is predicted {}\n\n", self.positive);
        // Column by column is left out until a line fits.
        let most = OPTIONAL.len();
        let without = (0..=most).find(|left| fits(&self.table(*left))).unwrap_or(most);
        out.push_str(&self.table(without));
        out.push_str(&left_out(&OPTIONAL[..without].iter().map(|title| title.to_string()).collect::<Vec<_>>()));
        out.push_str("\n\n");
        let sentences = [
            Some(self.legend(without)),
            Some(self.four_fifths()),
            self.differences(),
            self.not_compared(),
            self.gaps(),
        ];
        let paragraphs: Vec<String> = sentences.into_iter().flatten().map(|text| paragraph(&text, 0)).collect();
        out.push_str(&paragraphs.join("\n"));
        out
    }

    fn table(&self, left_out: usize) -> String {
        let kept = |title: &str| OPTIONAL.iter().position(|o| *o == title).is_none_or(|place| place >= left_out);
        let titles = ["", "rows", "selected", "found", "wrongly", "ratio", "95 % interval", "four fifths"];
        let header: Vec<&str> = titles.into_iter().filter(|title| kept(title)).collect();
        let mut rows = table(&header, 1);
        for of in &self.rates.groups {
            let check = self.four_fifths.iter().flat_map(|check| &check.groups).find(|check| check.group == of.group);
            let cells = titles.into_iter().zip(self.cells(of, check)).filter(|(title, _)| kept(title));
            rows.add_row(cells.map(|(_, cell)| cell));
        }
        rows.to_string()
    }

    fn cells(&self, of: &GroupRates, check: Option<&FourFifthsGroup>) -> [String; 8] {
        let rate = |rate: Option<Estimate>| rate.map_or("–".into(), |rate| percent(rate.value, 1));
        let compared = check.filter(|check| check.verdict != Verdict::Reference);
        [
            shown(&of.group),
            count(of.rows as f64),
            rate(of.selection_rate),
            rate(of.true_positive_rate),
            rate(of.false_positive_rate),
            compared.map_or("–".into(), |check| format!("{:.2}", check.ratio.value)),
            compared.map_or("–".into(), |check| format!("{:.2} to {:.2}", check.ratio.lower, check.ratio.upper)),
            match check {
                Some(check) => verdict(check.verdict).into(),
                None if of.rows < self.min_rows => verdict(Verdict::TooSmall).into(),
                None => "–".into(),
            },
        ]
    }

    fn legend(&self, left_out: usize) -> String {
        let positive = &self.positive;
        let mut said = vec![format!("selected: the share predicted {positive}.")];
        let shown = |title: &str| !OPTIONAL[..left_out].contains(&title);
        match (shown("found"), shown("wrongly")) {
            (true, true) => said
                .push(format!("found: of those who are {positive}, the share predicted so; wrongly: of the others.")),
            (true, false) => said.push(format!("found: of those who are {positive}, the share predicted so.")),
            _ => {}
        }
        if let Some(check) = &self.four_fifths {
            said.push(format!("ratio: selected over that of {}.", name_of_group(&check.reference)));
        }
        said.join(" ")
    }

    fn four_fifths(&self) -> String {
        let large = self.rates.groups.iter().filter(|of| of.rows >= self.min_rows).count();
        let at_least = rows(self.min_rows);
        if large < 2 {
            let found = if large == 1 { "one group only has" } else { "no group has" };
            return format!("Four fifths: nothing to compare: {found} at least {at_least}. --min-rows sets how many.");
        }
        let Some(check) = &self.four_fifths else {
            return format!(
                "Four fifths: nobody is predicted {} in any group of at least {at_least}, so that there is nothing to compare. \
                 A lower --threshold selects more.",
                self.positive
            );
        };
        let of = |verdicts: &[Verdict]| {
            let mut all: Vec<&FourFifthsGroup> =
                check.groups.iter().filter(|of| verdicts.contains(&of.verdict)).collect();
            all.sort_by(|a, b| a.ratio.value.total_cmp(&b.ratio.value));
            all
        };
        let (below, near) = (of(&[Verdict::Fails, Verdict::MayPass]), of(&[Verdict::MayFail]));
        let reference = name_of_group(&check.reference);
        let mut said = match below[..] {
            [] => format!(
                "Four fifths: kept. Every group of at least {at_least} is selected at {:.2} or more of the rate of {reference}.",
                check.threshold
            ),
            _ => format!("Four fifths: broken. Beside {reference}, {}.", worst(&below)),
        };
        if !near.is_empty() {
            let names = first(&near.iter().map(|of| name_of_group(&of.group)).collect::<Vec<_>>());
            let (interval, goes) = if near.len() == 1 { ("interval", "goes") } else { ("intervals", "go") };
            said.push_str(&match below.is_empty() {
                true => format!(" For {names} that may be chance: the {interval} {goes} below {:.2}.", check.threshold),
                false => format!(" {names} may be below too: the {interval} {goes} below {:.2}.", check.threshold),
            });
        }
        if below.iter().any(|of| of.verdict == Verdict::MayPass) {
            said.push_str(&format!(
                " Where an interval reaches {:.2}, that it is below may be chance.",
                check.threshold
            ));
        }
        said
    }

    /// Which groups were left out of the comparison.
    fn not_compared(&self) -> Option<String> {
        let names: Vec<String> = self.too_small.iter().map(|name| name_of_group(name)).collect();
        let they = if names.len() == 1 { "has" } else { "have" };
        (!names.is_empty())
            .then(|| format!("Not compared: {} {they} fewer than {}.", first(&names), rows(self.min_rows)))
    }

    fn differences(&self) -> Option<String> {
        let points = |disparity: &Disparity| format!("{:.1}", 100.0 * disparity.difference);
        let mut text =
            format!("Between the groups, selected differs by {} points", points(self.demographic_parity.as_ref()?));
        if let Some(opportunity) = &self.equal_opportunity {
            text.push_str(&format!(", found by {} (equal opportunity)", points(opportunity)));
        }
        if let Some(odds) = &self.equalized_odds {
            text.push_str(&format!(", the worse of found and wrongly by {} (equalised odds)", points(odds)));
        }
        Some(text + ".")
    }

    fn gaps(&self) -> Option<String> {
        let large = self.calibration.iter().filter(|of| of.rows >= self.min_rows);
        let worst = large.max_by(|a, b| a.gap.abs().total_cmp(&b.gap.abs()))?;
        Some(format!(
            "Calibration: the widest gap is that of {}, given {} on the average where {} came.",
            name_of_group(&worst.group),
            percent(worst.mean_predicted, 1),
            percent(worst.observed, 1)
        ))
    }
}

/// Columns that are left out of the table where a line has no room, in this order.
const OPTIONAL: [&str; 3] = ["wrongly", "found", "95 % interval"];
/// So many groups are named in a sentence.
const NAMED: usize = 3;

/// A group as it is called in a sentence: combinations have commas in them.
fn name_of_group(name: &str) -> String {
    let name = shown(name);
    if name.contains(", ") { format!("\"{name}\"") } else { name }
}

/// The worst groups with their ratios, and how many there are.
fn worst(groups: &[&FourFifthsGroup]) -> String {
    let each = groups.iter().take(NAMED).map(|of| {
        let Estimate { value, lower, upper } = of.ratio;
        format!(
            "{} is selected at {value:.2} of its rate (95 % interval {lower:.2} to {upper:.2})",
            name_of_group(&of.group)
        )
    });
    let named = each.collect::<Vec<_>>().join("; ");
    match groups.len() {
        n if n > NAMED => format!("{n} groups are below; the {NAMED} lowest: {named}"),
        _ => named,
    }
}

/// The first of some names.
fn first(names: &[String]) -> String {
    let (shown, more) = names.split_at(names.len().min(NAMED));
    match (shown, more.len()) {
        ([one], 0) => one.clone(),
        ([all @ .., last], 0) => format!("{} and {last}", all.join(", ")),
        (shown, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reference => "reference",
        Verdict::Passes => "passes",
        Verdict::MayFail => "may fail",
        Verdict::MayPass => "may pass",
        Verdict::Fails => "fails",
        Verdict::TooSmall => "too small",
    }
}

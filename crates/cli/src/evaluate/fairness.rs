//! Whether a pipeline that predicts classes selects the groups alike: numbers, and what they say.

use super::{Arguments, LEVEL, fits, shown};
use crate::{
    numbers::{count, percent},
    tables::{paragraph, table},
};
use adflux::{
    core::{ClassTarget, Classes, Error, Result, parameter::open_unit},
    evaluation::{
        Estimate,
        calibration::Bins,
        fairness::{
            Against, Aggregate, Disparity, FourFifths, FourFifthsGroup, FourFifthsOptions, GroupCalibration,
            GroupRates, GroupedRates, Groups, Verdict, calibration, rates,
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
    #[serde(flatten)]
    rates: GroupedRates,
    calibration: Vec<GroupCalibration>,
    demographic_parity: Option<Disparity>,
    equal_opportunity: Option<Disparity>,
    equalized_odds: Option<Disparity>,
    four_fifths: Option<FourFifths>,
}

/// `None` for more than two classes of which none was named.
pub(super) fn judge(
    arguments: &Arguments,
    truth: &ClassTarget,
    predicted: &Classes,
    groups: &Groups,
    weights: Option<ArrayView1<f64>>,
) -> Result<Option<Fairness>> {
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
    let options = FourFifthsOptions { level: LEVEL, ..FourFifthsOptions::default() };
    let rates = rates(Some(&truth), &selected, groups, weights, LEVEL)?;
    let (large, _) = rates.without_small(options.min_rows);
    Ok(Some(Fairness {
        positive: positive.into(),
        level: LEVEL,
        min_rows: options.min_rows,
        calibration: calibration(&truth, probability, groups, Bins::EqualWidth(10), weights)?,
        demographic_parity: large.demographic_parity(Against::Groups),
        equal_opportunity: large.equal_opportunity(Against::Groups),
        equalized_odds: large.equalized_odds(Against::Groups, Aggregate::WorstCase),
        four_fifths: rates.four_fifths(&options)?,
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
        // Column by column is left out until a line fits; JSON has them all.
        let tables = (0..=3).map(|left_out| self.table(left_out));
        out.push_str(&tables.into_iter().find(|text| fits(text)).unwrap_or_else(|| self.table(3)));
        out.push_str("\n\n");
        let sentences = [Some(self.legend()), Some(self.four_fifths()), self.differences(), self.gaps()];
        let paragraphs: Vec<String> = sentences.into_iter().flatten().map(|text| paragraph(&text, 0)).collect();
        out.push_str(&paragraphs.join("\n"));
        out
    }

    fn table(&self, left_out: usize) -> String {
        let optional = ["wrongly", "found", "95 % interval"];
        let kept = |title: &str| optional.iter().position(|o| *o == title).is_none_or(|place| place >= left_out);
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
            check.map_or("–".into(), |check| verdict(check.verdict).into()),
        ]
    }

    fn legend(&self) -> String {
        let positive = &self.positive;
        let mut text = format!(
            "selected: the share predicted {positive}. found: of those who are {positive}, the share predicted so; wrongly: of \
             the others."
        );
        if let Some(check) = &self.four_fifths {
            text.push_str(&format!(" ratio: selected over that of {}.", shown(&check.reference)));
        }
        text
    }

    fn four_fifths(&self) -> String {
        let Some(check) = &self.four_fifths else {
            return format!(
                "Four fifths: nobody is predicted {} in any group of at least {} rows, so that there is nothing to compare. \
                 A lower --threshold selects more.",
                self.positive, self.min_rows
            );
        };
        let reference = shown(&check.reference);
        let below: Vec<&FourFifthsGroup> =
            check.groups.iter().filter(|of| matches!(of.verdict, Verdict::Fails | Verdict::MayPass)).collect();
        if below.is_empty() {
            return format!(
                "Four fifths: kept. Every group of at least {} rows is selected at {:.2} or more of the rate of {reference}.",
                self.min_rows, check.threshold
            );
        }
        let each = below.iter().map(|of| {
            let Estimate { value, lower, upper } = of.ratio;
            let chance = match of.verdict {
                Verdict::Fails => String::new(),
                _ => format!(": that it is below {:.2} may be chance", check.threshold),
            };
            format!(
                "{} is selected at {value:.2} of the rate of {reference} (95 % interval {lower:.2} to {upper:.2}{chance})",
                shown(&of.group)
            )
        });
        format!("Four fifths: broken. {}.", each.collect::<Vec<_>>().join("; "))
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
            shown(&worst.group),
            percent(worst.mean_predicted, 1),
            percent(worst.observed, 1)
        ))
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

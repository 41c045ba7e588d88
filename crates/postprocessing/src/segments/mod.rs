//! [`describe_segments`]: what sets each segment apart, in numbers and in words.

mod coincide;
mod column;
mod feature;
mod language;
mod medoid;
mod name;
mod outcome;
mod rule;
mod sensitive;

pub use feature::{Direction, Measure, SegmentFeature};
pub use language::Language;
pub use medoid::Medoid;
pub use outcome::Outcome;
pub use rule::{Condition, Rule, Test};
pub use sensitive::{GroupShare, SensitiveShares};

use adflux_core::{Error, Result};
use adflux_data::{Frame, Role};
use coincide::Coincidence;
use column::Compared;
use outcome::OutcomeColumn;
use sensitive::Sensitive;
use serde::{Deserialize, Serialize};

/// What is to be said of one segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentDescription {
    /// The segment; `None` for the rows that belong to none.
    pub id: Option<u32>,
    /// Its rows.
    pub size: usize,
    /// Its share of all rows.
    pub share: f64,
    /// A name made of what sets it apart most: two features, or three where two segments would have one name, or a condition of the rule
    /// more. What is no mean is in a name only where it holds for 70 % of the rows or more.
    pub name: String,
    /// What sets it apart, the strongest first: all columns with an effect of at least [`SMALL_EFFECT`].
    pub features: Vec<SegmentFeature>,
    /// Conditions that stand in for it. `None` for the rows that belong to no segment, for the only segment, and when no comparison
    /// of a column is right more often than chance.
    pub rule: Option<Rule>,
    /// The mean outcome, when one was asked for.
    pub outcome: Option<Outcome>,
    /// The row that stands for it; `None` when no column is compared.
    #[serde(default)]
    pub medoid: Option<Medoid>,
    /// Who is in it, by the columns of the frame that have the role [`Role::Sensitive`](adflux_data::Role::Sensitive).
    #[serde(default)]
    pub sensitive: Vec<SensitiveShares>,
}

/// Differences below this many standard deviations are not worth a recruiter's attention.
pub const SMALL_EFFECT: f64 = 0.25;

/// Describes each segment by the columns in which it differs from all rows, the largest segment first, with a rule of at most
/// four conditions that stands in for it. `outcome` names a column whose mean is told as well (a callback rate): numbers, truth
/// values, or a text of two levels one of which says yes. Dates among `columns` are not compared. Sensitive columns are those that
/// have the role in `frame`: the shares of their groups stand beside those of all rows.
///
/// **Rules.** For each segment, a beam search (width 8) over conjunctions of comparisons of `columns`: ranges of a number, one level of a
/// text or all but one, missing. The best range of a column is exact for the conditions before it. Numbers of more than 254 values
/// are cut at 254 quantiles; of a text, the 254 most frequent levels are compared. What is maximised is the F1 of precision and
/// recall, less 0.01 for every number or level in the rule, so that a condition is there only when it earns its place. In the
/// end each condition is looked at again given the others, and thresholds of more than three digits are written with fewer where
/// that changes F1 by at most 0.002. `precision` and `recall` are those of the rule as written, over all rows. A conjunction cannot say
/// "either … or": a segment of two far heaps gets the rule of one.
///
/// O(rows · columns · (log rows + segments)), on all threads: for a segment each column is counted at most 25 times, over the rows
/// that still meet the conditions before it, and single columns again at the end.
///
/// ```
/// use adflux_data::Frame;
/// use adflux_postprocessing::{Direction, Language, describe_segments};
/// let frame = Frame::builder()
///     .numbers("years_experience", vec![1.0, 2.0, 3.0, 9.0, 10.0, 11.0])
///     .booleans("volunteer", vec![true, true, true, false, true, false])
///     .build()?;
/// let segments = [Some(0), Some(0), Some(0), Some(1), Some(1), Some(1)];
/// let all = describe_segments(&frame, &["years_experience", "volunteer"], &segments, None, Language::En)?;
/// assert_eq!(all[0].name, "fewer years experience, with volunteer");
/// let years = &all[1].features[0];
/// assert_eq!(years.text(Language::En), "years experience 10.0 on average (everyone: 6.00)");
/// assert_eq!(years.direction, Direction::High);
///
/// let rule = all[1].rule.as_ref().ok_or(adflux_core::Error::data("no rule"))?;
/// assert_eq!((rule.text.as_str(), rule.precision, rule.recall), ("years_experience > 3", 1.0, 1.0));
/// assert_eq!(rule.matches(&frame)?, [false, false, false, true, true, true]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When a column is missing or `segments` has another number of rows.
pub fn describe_segments<S: AsRef<str>>(
    frame: &Frame,
    columns: &[S],
    segments: &[Option<u32>],
    outcome: Option<&str>,
    language: Language,
) -> Result<Vec<SegmentDescription>> {
    if segments.len() != frame.rows() {
        return Err(Error::data(format!("{} segments for {} rows", segments.len(), frame.rows())));
    }
    frame.require(columns)?;
    let columns = columns.iter().map(|c| Compared::read(frame, c.as_ref()));
    let columns: Vec<Compared> = columns.filter_map(Result::transpose).collect::<Result<_>>()?;
    let outcome = outcome.map(|name| OutcomeColumn::read(frame, name)).transpose()?;
    let sensitive = Sensitive::read_all(frame)?;

    let named: Vec<(String, std::sync::Arc<[String]>)> = frame
        .names_with(Role::Id)
        .into_iter()
        .map(|column| Ok((column.to_string(), frame.texts(column)?)))
        .collect::<Result<_>>()?;
    let mut coincidence = Coincidence::new(&columns);

    let mut ids = segments.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let inside: Vec<Vec<bool>> =
        ids.iter().flatten().map(|id| segments.iter().map(|s| *s == Some(*id)).collect()).collect();
    let mut rules = rule::rules(&columns, &inside, language).into_iter();
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let rows: Vec<usize> = (0..segments.len()).filter(|r| segments[*r] == id).collect();
        let mut features: Vec<SegmentFeature> = columns.iter().flat_map(|c| c.features(&rows)).collect();
        features.retain(|f| f.effect.abs() >= SMALL_EFFECT);
        features.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        coincidence.mark(&mut features);
        all.push(SegmentDescription {
            id,
            size: rows.len(),
            share: rows.len() as f64 / segments.len() as f64,
            name: String::new(),
            features,
            rule: id.and_then(|_| rules.next()).flatten(),
            outcome: outcome.as_ref().map(|outcome| outcome.of(&rows)),
            medoid: medoid::medoid(&columns, &rows)
                .filter(|_| !columns.is_empty())
                .map(|medoid| medoid.with_ids(&named)),
            sensitive: sensitive.iter().map(|column| column.of(&rows)).collect(),
        });
    }
    all.sort_by(|a, b| (a.id.is_none(), b.size, a.id).cmp(&(b.id.is_none(), a.size, b.id)));
    name::name(&mut all, language);
    Ok(all)
}

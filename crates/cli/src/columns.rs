//! Which columns are learned from: the options that all commands that learn have in common.

use crate::{numbers::count_in, tables::paragraph};
use adflux::{
    core::{Error, Result},
    data::{ColumnKind, Frame, Role},
    pipeline::{self, Screen},
    postprocessing::Language,
};
use serde::Serialize;

/// What the columns of the file are for.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Columns")]
pub struct Columns {
    /// Learn from these columns only.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub include: Vec<String>,
    /// Do not learn from these columns.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub exclude: Vec<String>,
    /// Gender, race, age and the like: never learned from, and neither are columns that give them away.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub sensitive: Vec<String>,
    /// Learn from these columns although they look like identifiers, leaks, or give a sensitive column away.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub allow: Vec<String>,
    /// Columns that name a row: not learned from, kept beside the results.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub id: Vec<String>,
}

/// A column that is not learned from, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Excluded {
    pub column: String,
    pub reason: String,
}

/// The columns by what becomes of them.
pub struct Screened {
    /// With a role for every column.
    pub frame: Frame,
    /// What is not learned from.
    pub left_out: Vec<Excluded>,
    /// What is learned from and nearly gives a target away.
    pub suspects: Vec<pipeline::Excluded>,
}

impl Columns {
    /// The frame with a role for every column, and the columns that were left out and why. Roles that `frame` already has
    /// (a target, a weight) stay. Reasons are in `language`.
    ///
    /// # Errors
    /// When a column that was named is not there, or none is left to learn from.
    pub fn choose(&self, frame: Frame, language: Language) -> Result<(Frame, Vec<Excluded>)> {
        self.screened(frame, language).map(|screened| (screened.frame, screened.left_out))
    }

    /// [`choose`](Self::choose), with the columns that are learned from and nearly give a target away.
    ///
    /// # Errors
    /// As `choose`.
    pub fn screened(&self, mut frame: Frame, language: Language) -> Result<Screened> {
        let Named { include, exclude, sensitive, allow, id } = self.named(&frame)?;
        if let Some(column) = sensitive.iter().find(|column| frame.role(column) == Role::Target) {
            return Err(Error::column(
                column,
                "the target and sensitive at once: what is sensitive is not predicted here",
            ));
        }
        let mut left_out = Vec::new();
        let features: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();
        for column in &features {
            if sensitive.contains(column) {
                frame = frame.with_role(column, Role::Sensitive)?;
            } else if id.contains(column) {
                frame = frame.with_role(column, Role::Id)?;
            } else if exclude.contains(column) {
                frame = frame.with_role(column, Role::Ignore)?;
                left_out.push(Excluded { column: column.clone(), reason: as_asked(language).into() });
            } else if !include.is_empty() && !include.contains(column) {
                frame = frame.with_role(column, Role::Ignore)?;
            }
        }
        // A group or a weight may be sensitive too: it keeps its role, and what gives it away is found all the same.
        let mut seen = frame.clone();
        for column in &sensitive {
            seen = seen.with_role(column, Role::Sensitive)?;
        }
        let mut screening = Screen::new().allow(allow).run(&seen)?;
        for column in &sensitive {
            screening.frame = screening.frame.with_role(column, frame.role(column))?;
        }
        left_out.extend(
            screening.excluded.iter().map(|e| Excluded { column: e.column.clone(), reason: e.reason.text(language) }),
        );
        in_order(&mut left_out, &frame);
        if screening.frame.names_with(Role::Feature).is_empty() {
            return Err(none_left(&left_out, language));
        }
        finite(&screening.frame)?;
        Ok(Screened { frame: screening.frame, left_out, suspects: screening.suspects })
    }
}

/// The columns that each option means.
pub struct Named {
    include: Vec<String>,
    exclude: Vec<String>,
    sensitive: Vec<String>,
    allow: Vec<String>,
    id: Vec<String>,
}

impl Columns {
    /// The columns that the options mean in `frame`.
    ///
    /// # Errors
    /// When a column that was named is not there, or two options contradict each other.
    pub fn named(&self, frame: &Frame) -> Result<Named> {
        let named = |columns: &[String]| expanded(columns, frame);
        let (include, exclude) = (named(&self.include)?, named(&self.exclude)?);
        let (sensitive, allow, id) = (named(&self.sensitive)?, named(&self.allow)?, named(&self.id)?);
        for (first, one, second, other) in [
            ("--include", &include, "--exclude", &exclude),
            ("--include", &include, "--id", &id),
            ("--include", &include, "--sensitive", &sensitive),
            ("--allow", &allow, "--exclude", &exclude),
        ] {
            if let Some(column) = one.iter().find(|column| other.contains(column)) {
                return Err(Error::column(column, format!("named by {first} and {second}: choose one")));
            }
        }
        Ok(Named { include, exclude, sensitive, allow, id })
    }

    /// The columns that stand beside the results: those of `--id`, or else those that were found to name a row.
    pub fn row_names(&self, frame: &Frame) -> Result<Vec<String>> {
        match self.id.is_empty() {
            true => Ok(frame.names_with(Role::Id).into_iter().map(str::to_string).collect()),
            false => expanded(&self.id, frame),
        }
    }
}

/// An error about a part of the training data, with the name that its column has in the file.
pub fn renamed(error: Error, names: &[(&str, Option<&String>)]) -> Error {
    let Error::Column { column, row, reason } = error else { return error };
    let in_file = names.iter().find(|(part, _)| *part == column).and_then(|(_, column)| column.cloned());
    Error::Column { column: in_file.unwrap_or(column), row, reason }
}

/// Puts the columns in the order of the frame.
pub fn in_order(excluded: &mut [Excluded], frame: &Frame) {
    excluded.sort_by_key(|e| frame.names().position(|n| n == e.column));
}

/// The error of a table that has nothing to learn from.
pub fn none_left(excluded: &[Excluded], language: Language) -> Error {
    let why: Vec<String> = excluded.iter().map(|e| format!("{} {}", e.column, e.reason)).collect();
    let other = language.pick("the table has no other column", "la tabla no tiene otra columna");
    let why = if why.is_empty() { other.into() } else { why.join("; ") };
    let none = language.pick("no column is left to learn from", "no queda ninguna columna de la que aprender");
    Error::data(format!("{none} ({why})"))
}

/// Why `ColumnTransformer::auto` makes nothing of a column that k-means reads.
pub fn unusable(frame: &Frame, column: &str, language: Language) -> Result<String> {
    let dates = language.pick(
        "holds dates: give what counts of them (age, days since) as a number",
        "contiene fechas: da lo que cuente de ellas (edad, días desde) como número",
    );
    Ok(match frame.kind_of(column)? {
        ColumnKind::Time => dates.into(),
        ColumnKind::Text => {
            let of = frame.categories(column)?;
            let share = |holds: fn(&str) -> bool| {
                of.levels.iter().filter(|level| holds(level)).count() as f64 / of.levels.len().max(1) as f64
            };
            let values = count_in(of.levels.len() as f64, language);
            match (share(is_date) > 0.5, share(|level| level.split_whitespace().count() >= 4) > 0.5, language) {
                (true, ..) => dates.into(),
                (_, true, Language::En) => "is free text: give what counts of it as columns of their own".into(),
                (_, true, Language::Es) => "es texto libre: da lo que cuente de él en columnas propias".into(),
                (.., Language::En) => format!("has {values} different values, too many for categories: group them"),
                (.., Language::Es) => {
                    format!("tiene {values} valores distintos, demasiados para ser categorías: agrúpalos")
                }
            }
        }
        _ => language.pick("has the same value in every row", "tiene el mismo valor en todas las filas").into(),
    })
}

/// Whether a text reads as a date: three groups of digits, or with a time.
fn is_date(text: &str) -> bool {
    let groups = text.split(['-', '/', '.', ' ', 'T', ':']).take(3);
    let lengths: Vec<usize> =
        groups.map(|g| if !g.is_empty() && g.chars().all(|c| c.is_ascii_digit()) { g.len() } else { 0 }).collect();
    lengths.len() == 3 && lengths.iter().all(|l| matches!(l, 1 | 2 | 4)) && lengths.contains(&4)
}

/// The reason of a column that the command line excludes.
fn as_asked(language: Language) -> &'static str {
    language.pick("is left out as asked", "se deja fuera como se pidió")
}

/// What was left out and why, a paragraph each; columns that were left out as asked share one.
pub fn left_out(excluded: &[Excluded], language: Language) -> String {
    let (asked, found): (Vec<&Excluded>, Vec<&Excluded>) =
        excluded.iter().partition(|e| e.reason == as_asked(language));
    let mut lines: Vec<String> = found.iter().map(|e| format!("{} {}", e.column, e.reason)).collect();
    if !asked.is_empty() {
        let columns: Vec<&str> = asked.iter().map(|e| e.column.as_str()).collect();
        lines.push(format!("{}: {}", language.pick("as asked", "como se pidió"), columns.join(", ")));
    }
    lines.iter().map(|line| format!("{}\n", paragraph(line, 3))).collect()
}

/// The columns that are meant: `*` stands for any letters.
pub fn expanded(named: &[String], frame: &Frame) -> Result<Vec<String>> {
    let mut columns = Vec::new();
    for name in named {
        if frame.has(name) || !name.contains('*') {
            frame.require(&[name])?;
            columns.push(name.clone());
            continue;
        }
        let before = columns.len();
        columns.extend(frame.names().filter(|column| matches(name, column)).map(str::to_string));
        if columns.len() == before {
            return Err(Error::column(name, "no column is called like this"));
        }
    }
    Ok(columns)
}

/// Whether `name` is `pattern` with something in place of each `*`: O(pattern · name).
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star stands, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) {
            (p, n) = (p + 1, n + 1);
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            (p, n) = (at + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// A number without end is refused here, where its row is still that of the file.
fn finite(frame: &Frame) -> Result<()> {
    for column in frame.names_with(Role::Feature) {
        if frame.kind_of(column)? == ColumnKind::Number
            && let Some(row) = frame.numbers(column)?.iter().position(|v| v.is_infinite())
        {
            return Err(Error::cell(column, row, "an infinite number: correct it, or leave it empty"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, fits) in [
            ("job_*", "job_city", true),
            ("job_*", "job_", true),
            ("job_*", "a_job_city", false),
            ("*_id", "campaign_id", true),
            ("*a*a*", "banana", true),
            ("*é", "café", true),
            ("plain", "plain", true),
            ("plain", "plainer", false),
            ("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", &"a".repeat(80), false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn what_no_segments_are_made_of_says_what_it_is() {
        let days = (0..60).map(|day| format!("2024-0{}-{:02}", day / 28 + 1, day % 28 + 1));
        let frame = Frame::builder()
            .texts("day", days)
            .texts("spanish", (0..60).map(|day| format!("{:02}/01/2024", day % 28 + 1)))
            .texts("words", (0..60).map(|i| format!("looking for a job {i}")))
            .texts("code", (0..60).map(|i| format!("x{i}")))
            .build()
            .unwrap();
        for (column, says) in
            [("day", "dates"), ("spanish", "dates"), ("words", "is free text"), ("code", "has 60 different values")]
        {
            let reason = unusable(&frame, column, Language::En).unwrap();
            assert!(reason.contains(says), "{column} {reason}");
        }
    }

    #[test]
    fn a_pattern_names_columns_and_must_name_one() {
        let frame =
            Frame::builder().integers("job_a", vec![1]).integers("job_b", vec![1]).integers("x", vec![1]).build();
        let frame = frame.unwrap();
        let named = |names: &[&str]| expanded(&names.iter().map(|n| n.to_string()).collect::<Vec<_>>(), &frame);
        assert_eq!(named(&["x", "job_*"]).unwrap(), ["x", "job_a", "job_b"]);
        assert!(named(&["jab_*"]).unwrap_err().to_string().contains("`jab_*`"));
    }
}

//! What the fields of a CSV column are: whole numbers, numbers, truth values or text.

use polars::prelude::{Column, IntoColumn as _, NamedFrom as _, Series, StringChunked};

/// What a comma in a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commas {
    /// It is no number.
    No,
    /// The decimal sign, as in files with semicolons, unless each comma of the column could also stand between thousands
    /// (`1,234`): nobody but the one who wrote it knows, and the column stays text.
    WhenClear,
    /// The decimal sign: an earlier part of the column said so.
    Decimal,
}

/// Whether the column has a comma that can only be a decimal one.
pub(crate) fn clear_commas(column: &Column) -> bool {
    column.str().is_ok_and(|text| text.iter().flatten().any(|field| !ambiguous(field)))
}

/// What stands for a missing value in a column whose other fields are numbers or truth values, in small letters: what pandas and
/// R write and read, and what people type, `n/d` and `s/d` in Spanish.
const MISSING: [&str; 10] = ["na", "n/a", "#n/a", "<na>", "null", "none", "nan", "n/d", "s/d", "-"];

/// The column in the narrowest type that holds all its fields. Blanks around a number or a truth value do not count, markers of
/// [missing](MISSING) values are missing beside numbers and truth values, and a column without any value is text. A column stays text as well if one of its fields is
/// digits that a number would not give back: `01`, or a whole number beyond `i64` that `f64` does not hold.
///
/// Commas in numbers are taken for decimal ones as `commas` says.
pub(crate) fn typed(column: Column, commas: Commas) -> Column {
    let Ok(text) = column.str() else { return column };
    let name = column.name().clone();
    if text.iter().flatten().all(|field| field.trim().is_empty()) || text.iter().flatten().any(code) {
        return column;
    }
    if let Some(whole) = all(text, |field| field.parse::<i64>().ok()) {
        return Series::new(name, whole).into_column();
    }
    if let Some(numbers) = all(text, |field| field.parse::<f64>().ok())
        .or_else(|| match commas {
            Commas::No => None,
            Commas::WhenClear if text.iter().flatten().all(ambiguous) => None,
            Commas::WhenClear | Commas::Decimal => all(text, decimal_comma),
        })
        // `Nan` is also a name, `inf` a word.
        .filter(|numbers| numbers.iter().flatten().any(|v| v.is_finite()))
    {
        let present = numbers.into_iter().map(|v| v.filter(|v| !v.is_nan()));
        return Series::new(name, present.collect::<Vec<_>>()).into_column();
    }
    if let Some(truths) = all(text, truth) {
        return Series::new(name, truths).into_column();
    }
    column
}

/// Whether a field without blanks around it stands for a missing number.
pub(crate) fn is_missing(field: &str) -> bool {
    field.is_empty() || MISSING.iter().any(|marker| field.eq_ignore_ascii_case(marker))
}

/// All fields parsed, `None` as soon as one is not to be, or when there is none. An empty field and a marker are missing.
fn all<T>(text: &StringChunked, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    let one = |field: Option<&str>| match field.map(str::trim) {
        None => Some(None),
        Some(field) => match parse(field) {
            Some(value) => Some(Some(value)),
            None => is_missing(field).then_some(None),
        },
    };
    let all: Vec<Option<T>> = text.iter().map(one).collect::<Option<_>>()?;
    all.iter().any(Option::is_some).then_some(all)
}

/// Whether `field` is digits that its number would not give back: with zeros in front, or too many.
fn code(field: &str) -> bool {
    let field = field.trim();
    let digits = field.strip_prefix(['+', '-']).unwrap_or(field);
    let zeros = digits.len() > 1 && digits.starts_with('0');
    let too_many = || field.parse::<i64>().is_err() && digits.parse::<f64>().is_ok_and(|v| v.to_string() != digits);
    (zeros || digits.len() > 18) && digits.bytes().all(|b| b.is_ascii_digit()) && (zeros || too_many())
}

fn truth(field: &str) -> Option<bool> {
    match () {
        () if field.eq_ignore_ascii_case("true") => Some(true),
        () if field.eq_ignore_ascii_case("false") => Some(false),
        () => None,
    }
}

/// A number with a decimal comma, or a whole one. A point beside a comma is neither.
fn decimal_comma(field: &str) -> Option<f64> {
    match field.contains('.') {
        true => None,
        false => field.replacen(',', ".", 1).parse().ok(),
    }
}

/// Whether a comma in `field`, if there is one, could also stand between thousands.
fn ambiguous(field: &str) -> bool {
    field.trim().trim_start_matches(['+', '-']).split_once(',').is_none_or(|(before, after)| {
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        after.len() == 3
            && (1..=3).contains(&before.len())
            && !before.starts_with('0')
            && digits(before)
            && digits(after)
    })
}

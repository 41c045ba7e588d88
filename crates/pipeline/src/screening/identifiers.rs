//! Recognising identifiers by their values and by their names.

use super::Identifier;
use adflux_core::Categories;

/// With fewer rows that all values are different says nothing.
const FEWEST: usize = 20;
/// A name that ends in `id` is believed of more values than this; of fewer the column may be a plain category.
const CATEGORIES: usize = 20;
/// The share of values that must be different, or of one form.
const NEARLY_ALL: f64 = 0.95;

/// The last word of a name that says identifier, whatever its values.
const STRICT: [&str; 5] = ["id", "ids", "uuid", "guid", "identifier"];
/// … and when no value comes twice.
const WHEN_DIFFERENT: [&str; 20] = [
    "number",
    "nr",
    "no",
    "num",
    "code",
    "key",
    "ref",
    "reference",
    "hash",
    "token",
    "index",
    "dni",
    "nie",
    "nif",
    "numero",
    "número",
    "codigo",
    "código",
    "clave",
    "referencia",
];

/// What kind of identifier a column of texts is, if it is one.
pub(super) fn of_texts(name: &str, values: &Categories) -> Option<Identifier> {
    let mut rows_of = vec![0; values.levels.len()];
    values.codes.iter().filter(|c| **c != Categories::MISSING).for_each(|code| rows_of[*code as usize] += 1);
    let (present, different) = (rows_of.iter().sum::<usize>(), rows_of.len());
    let nearly_all = |form: fn(&str) -> bool| {
        let of_form = values.levels.iter().zip(&rows_of).filter(|(level, _)| form(level.trim()));
        of_form.map(|(_, rows)| *rows).sum::<usize>() as f64 >= NEARLY_ALL * present as f64
    };
    let nearly_different = present >= FEWEST && different as f64 >= NEARLY_ALL * present as f64;
    if nearly_all(is_email) {
        Some(Identifier::Email)
    } else if nearly_all(is_phone) {
        Some(Identifier::Phone)
    } else if nearly_different && nearly_all(is_url) {
        Some(Identifier::Url)
    } else if !nearly_all(is_word) {
        None
    } else if is_named_one(name, different, present) {
        Some(Identifier::Name)
    } else {
        nearly_different.then_some(Identifier::Different)
    }
}

/// The same of whole numbers, none missing.
pub(super) fn of_whole_numbers(name: &str, values: &[f64]) -> Option<Identifier> {
    let mut levels = values.to_vec();
    levels.sort_unstable_by(f64::total_cmp);
    levels.dedup();
    if is_named_one(name, levels.len(), values.len()) {
        Some(Identifier::Name)
    } else {
        let different = values.len() >= FEWEST && levels.len() == values.len();
        (different && is_sequence(values)).then_some(Identifier::Sequence)
    }
}

fn is_named_one(name: &str, different: usize, present: usize) -> bool {
    let unique = different == present;
    let last = last_word(name);
    if STRICT.contains(&last.as_str()) {
        return unique || different > CATEGORIES;
    }
    // `customerid`, written as one word, is believed when no value comes twice; so is `paid`, which then is one all the same.
    unique && present >= FEWEST && (WHEN_DIFFERENT.contains(&last.as_str()) || STRICT.iter().any(|s| last.ends_with(s)))
}

/// The last word of a name in snake_case, kebab-case, camelCase or plain words, in lower case.
fn last_word(name: &str) -> String {
    let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
    let characters: Vec<char> = name.chars().collect();
    let starts = |i: usize| {
        let (before, here) = (characters[i - 1], characters[i]);
        let humps = before.is_lowercase() && here.is_uppercase();
        // The `I` of `JOBId`, the first letter behind an abbreviation.
        let abbreviation =
            before.is_uppercase() && here.is_uppercase() && characters.get(i + 1).is_some_and(|c| c.is_lowercase());
        !before.is_alphanumeric() || humps || abbreviation
    };
    let start = (1..characters.len()).rev().find(|&i| starts(i)).unwrap_or_default();
    characters[start..].iter().collect::<String>().to_lowercase()
}

/// Whether different whole numbers count something: nearly every number of their range comes (two of three), or they rise from
/// row to row and one of ten comes.
fn is_sequence(numbers: &[f64]) -> bool {
    let (low, high) = numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let (range, count) = (high - low + 1.0, numbers.len() as f64);
    let rising = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    range <= 1.5 * count || (rising && range <= 10.0 * count)
}

/// One word that is neither a number with a fraction nor a date.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace) && !is_amount(text) && !is_date(text)
}

/// Digits with a decimal sign or separators of thousands, perhaps with a sign, a currency or per cent.
fn is_amount(text: &str) -> bool {
    let text = text.trim_matches(|c: char| "+-€$£% ".contains(c));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let marks = text.chars().filter(|c| *c == '.' || *c == ',').count();
    let exponent = text.parse::<f64>().is_ok() && digits < text.chars().count();
    if digits == 0 || (digits + marks != text.chars().count() && !exponent) {
        return false;
    }
    let mut parts = text.split(['.', ',']);
    // Of several marks all but the last separate thousands: `192.168.100.101` is an address.
    exponent || (marks > 0 && (marks == 1 || parts.by_ref().skip(1).take(marks - 1).all(|part| part.len() == 3)))
}

/// Year, month and day in any order with `-`, `/` or `.` between, perhaps a time behind.
fn is_date(text: &str) -> bool {
    let day = text.split(['T', ' ']).next().unwrap_or(text);
    if day.contains(':') && day.chars().all(|c| c.is_ascii_digit() || c == ':') {
        return true;
    }
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let number = |part: &str| if part.len() <= 4 { part.parse::<u32>().ok() } else { None };
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| number(part)).collect();
    match numbers.as_deref() {
        Some([a, b, c]) => {
            let year_first = parts[0].len() == 4 && *b <= 31 && *c <= 31;
            let year_last = *a <= 31 && *b <= 31 && matches!(parts[2].len(), 2 | 4);
            (year_first || year_last) && parts[1].len() <= 2
        }
        Some([a, b]) => parts[0].len() == 4 && (1000..3000).contains(a) && parts[1].len() == 2 && (1..=12).contains(b),
        _ => false,
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let dotted = domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty());
    !local.is_empty() && dotted && !text.contains(char::is_whitespace) && !domain.contains('@')
}

fn is_url(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["http://", "https://", "ftp://", "www."].iter().any(|start| text.starts_with(start)) && !text.contains(' ')
}

/// 7 to 15 digits in at least three groups, or behind `+` or `(`.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count();
    (7..=15).contains(&digits)
        && text.chars().all(|c| c.is_ascii_digit() || "+-(). /".contains(c))
        && (groups >= 3 || text.starts_with(['+', '(']))
        && !is_date(text)
        && !is_amount(text)
        && !is_network_address(text)
}

/// `192.168.0.1`.
fn is_network_address(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

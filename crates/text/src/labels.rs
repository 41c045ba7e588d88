//! [`Labels`]: a text that is a list.

use crate::{Cut, Scratch};
use serde::{Deserialize, Serialize};

/// Cuts a list such as `java; sql` at its separator into labels.
///
/// White space around a label is taken off, and labels without characters are passed over. Labels are taken as they stand:
/// `Java` and `java` are two.
///
/// ```
/// use adflux_text::Labels;
/// assert_eq!(Labels::new(";").of("java; machine learning;;").collect::<Vec<_>>(), ["java", "machine learning"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels {
    separator: String,
}

impl Labels {
    /// Labels between `separator`s; with an empty one the whole text is a label.
    pub fn new(separator: impl Into<String>) -> Self {
        Labels { separator: separator.into() }
    }

    /// The labels of `text`, in its order; one that stands twice comes twice.
    pub fn of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let most = if self.separator.is_empty() { 1 } else { usize::MAX };
        text.splitn(most, self.separator.as_str()).map(str::trim).filter(|label| !label.is_empty())
    }

    /// The text of a list of `labels`.
    pub fn join(&self, labels: &[&str]) -> String {
        labels.join(&self.separator)
    }
}

impl Cut for Labels {
    fn for_each_term(&self, text: &str, _: &mut Scratch, visit: impl FnMut(&str)) {
        self.of(text).for_each(visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_trimmed_and_empty_ones_passed_over() {
        let of = |separator: &str, text: &str| Labels::new(separator).of(text).map(String::from).collect::<Vec<_>>();
        assert_eq!(of(",", " SQL ,sql,, C#"), ["SQL", "sql", "C#"]);
        assert_eq!(of(" | ", "a b | c"), ["a b", "c"]);
        assert_eq!(of(";", " ; "), Vec::<String>::new());
        assert_eq!(of("", "a;b"), ["a;b"]);
    }
}

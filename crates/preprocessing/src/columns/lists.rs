//! Text columns that hold lists, such as `java; sql`.

use adflux_text::{Labels, Terms};

/// What may stand between the labels of a list, the most telling first.
const SEPARATORS: [&str; 3] = [";", "|", ","];
/// A label stands in so many lists on average, at least.
const REPEATS: usize = 3;
/// Labels have so many words on average, at most: a sentence with commas is no list.
const WORDS: usize = 3;

/// The separator of `texts` (the distinct ones) if they clearly are lists: at least half of them have it, and what it separates is
/// short and repeats, so that there are fewer labels than lists.
pub(super) fn separator(texts: &[String]) -> Option<&'static str> {
    SEPARATORS.into_iter().find(|separator| {
        let with = texts.iter().filter(|text| text.contains(separator)).count();
        if 2 * with < texts.len() {
            return false;
        }
        let (cut, mut labels, mut all, mut words) = (Labels::new(*separator), Terms::default(), 0, 0);
        for label in texts.iter().flat_map(|text| cut.of(text)) {
            labels.add(label);
            all += 1;
            words += label.split_whitespace().count();
        }
        labels.len() >= 2 && labels.len() < texts.len() && all >= REPEATS * labels.len() && words <= WORDS * all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Option<&'static str> {
        separator(&texts.iter().map(|t| t.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn short_labels_that_repeat_make_a_list() {
        assert_eq!(of(&["java; sql", "sql; go", "java; go", "go; sql; java", "java"]), Some(";"));
        assert_eq!(of(&["a,b", "b,c", "a,c", "a,b,c"]), Some(","));
    }

    #[test]
    fn titles_sentences_and_single_words_are_no_lists() {
        assert_eq!(of(&["Nurse, Madrid", "Driver, Lima", "Cook, Lugo", "Waiter, Cádiz"]), None);
        assert_eq!(of(&["java", "sql", "go"]), None);
        assert_eq!(of(&[]), None);
        let sentence = "we look for people, who like to work at night, and who can start on Monday";
        assert_eq!(of(&[sentence, &sentence.replace("night", "day"), &sentence.replace("Monday", "Friday")]), None);
    }
}

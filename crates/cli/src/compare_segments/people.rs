//! The people of two tables, put beside each other.

use adflux::{
    core::{Error, Result},
    data::Frame,
    evaluation::segments::Change,
};
use std::collections::{BTreeMap, HashMap};

/// Who is in a table, and in which segment.
pub struct People {
    /// The columns of the id, each with a text for every person.
    ids: Vec<Vec<String>>,
    /// The segment of every person.
    pub segments: Vec<Option<String>>,
}

impl People {
    /// # Errors
    /// When a column is missing, an id is empty, or a person stands in the table twice: naming the row.
    pub fn read(frame: &Frame, ids: &[String], segment: &str) -> Result<Self> {
        let columns: Vec<&str> = ids.iter().map(String::as_str).chain([segment]).collect();
        frame.require(&columns)?;
        let texts = |column: &String| -> Result<Vec<String>> {
            let of = frame.categories(column)?;
            let text = |row: usize| {
                let empty = || Error::cell(column, row, "is empty: every person needs an id");
                of.get(row).map(str::to_string).ok_or_else(empty)
            };
            (0..frame.rows()).map(text).collect()
        };
        let of = frame.categories(segment)?;
        let people = People {
            ids: ids.iter().map(texts).collect::<Result<_>>()?,
            segments: (0..frame.rows()).map(|row| of.get(row).map(str::to_string)).collect(),
        };
        people.each_once(ids)?;
        Ok(people)
    }

    fn each_once(&self, ids: &[String]) -> Result<()> {
        let mut rows = HashMap::new();
        for row in 0..self.segments.len() {
            if let Some(first) = rows.insert(self.id(row), row) {
                let id = self.id(row).join(", ");
                let reason = format!("`{id}` stands in row {} already: an id names one person", first + 1);
                return Err(Error::cell(ids.join(", "), row, reason));
            }
        }
        Ok(())
    }

    fn id(&self, row: usize) -> Vec<&str> {
        self.ids.iter().map(|column| column[row].as_str()).collect()
    }

    /// How many people each segment has.
    pub fn sizes(&self) -> BTreeMap<&str, usize> {
        let mut sizes = BTreeMap::new();
        self.segments.iter().flatten().for_each(|segment| *sizes.entry(segment.as_str()).or_default() += 1);
        sizes
    }

    /// Who of these is where among `after`.
    pub fn joined(&self, after: &People) -> Joined {
        let places: HashMap<Vec<&str>, usize> = (0..after.segments.len()).map(|row| (after.id(row), row)).collect();
        let mut seen = vec![false; after.segments.len()];
        let (mut both, mut gone) = (Vec::new(), Vec::new());
        for row in 0..self.segments.len() {
            match places.get(&self.id(row)) {
                Some(&there) => {
                    seen[there] = true;
                    both.push((row, there));
                }
                None => gone.push(row),
            }
        }
        let came = (0..seen.len()).filter(|row| !seen[*row]).collect();
        Joined { both, gone, came }
    }
}

/// Rows of the same people.
pub struct Joined {
    /// The row of a person in either table, in the order of the first.
    pub both: Vec<(usize, usize)>,
    /// Rows of those who are in the first table only.
    pub gone: Vec<usize>,
    /// And of those who are in the second only.
    pub came: Vec<usize>,
}

/// The segments of the people in both tables, as numbers.
pub struct Codes {
    pub before: Vec<Option<u32>>,
    pub after: Vec<Option<u32>>,
    /// The segment of a number.
    pub names: Vec<String>,
}

impl Joined {
    pub fn codes(&self, before: &People, after: &People) -> Codes {
        let mut names: Vec<&String> = before.segments.iter().chain(&after.segments).flatten().collect();
        // 2 before 10.
        names.sort_unstable_by_key(|name| (name.parse::<u64>().unwrap_or(u64::MAX), name.as_str()));
        names.dedup();
        let places: HashMap<&str, u32> = names.iter().map(|name| name.as_str()).zip(0..).collect();
        let code = |segment: &Option<String>| places.get(segment.as_deref()?).copied();
        Codes {
            before: self.both.iter().map(|(row, _)| code(&before.segments[*row])).collect(),
            after: self.both.iter().map(|(_, row)| code(&after.segments[*row])).collect(),
            names: names.into_iter().cloned().collect(),
        }
    }

    /// Every person: those of both tables, then those who are gone, then those who came.
    pub fn table(&self, before: &People, after: &People, ids: &[String], changes: &[Change]) -> Result<Frame> {
        let firsts = self.both.iter().map(|(row, _)| *row).chain(self.gone.iter().copied());
        let people: Vec<(&People, usize)> =
            firsts.map(|row| (before, row)).chain(self.came.iter().map(|row| (after, *row))).collect();
        let mut table = Frame::builder();
        for (column, name) in ids.iter().enumerate() {
            table = table.texts(name, people.iter().map(|(people, row)| &people.ids[column][*row]));
        }
        let none = || None::<&str>;
        let was = self.both.iter().map(|(row, _)| *row).chain(self.gone.iter().copied());
        let was = was.map(|row| before.segments[row].as_deref()).chain(self.came.iter().map(|_| none()));
        let is = self.both.iter().map(|(_, row)| after.segments[*row].as_deref());
        let is = is
            .chain(self.gone.iter().map(|_| none()))
            .chain(self.came.iter().map(|row| after.segments[*row].as_deref()));
        let change = changes.iter().map(|change| match change {
            Change::Stayed => "stayed",
            Change::Moved => "moved",
            Change::Left => "left",
            Change::Joined => "joined",
        });
        let change = change.chain(self.gone.iter().map(|_| "gone")).chain(self.came.iter().map(|_| "came"));
        table.optional_texts("before", was).optional_texts("after", is).texts("change", change).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(ids: &[&str], segments: &[Option<&str>]) -> Result<People> {
        let frame = Frame::builder().texts("id", ids).optional_texts("segment", segments.iter().copied()).build()?;
        People::read(&frame, &["id".to_string()], "segment")
    }

    #[test]
    fn people_are_found_by_id_whatever_their_order() {
        let before = people(&["a", "b", "c"], &[Some("10"), Some("2"), None]).unwrap();
        let after = people(&["c", "d", "a"], &[Some("2"), None, Some("10")]).unwrap();
        let joined = before.joined(&after);
        assert_eq!((&joined.both[..], &joined.gone[..], &joined.came[..]), (&[(0, 2), (2, 0)][..], &[1][..], &[1][..]));
        let codes = joined.codes(&before, &after);
        assert_eq!(codes.names, ["2", "10"]);
        assert_eq!((codes.before, codes.after), (vec![Some(1), None], vec![Some(1), Some(0)]));
    }

    #[test]
    fn an_id_names_one_person() {
        let error = people(&["a", "b", "a"], &[None; 3]).err().unwrap().to_string();
        assert!(error.contains("row 3") && error.contains("`a` stands in row 1 already"), "{error}");
    }
}

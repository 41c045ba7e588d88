//! [`KnownColumns`]: the columns of a stream, which may be millions, checked for every chunk and saved in short.

use adflux_core::{Column, Features, Result, features::same_columns};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// The columns of the first chunk, by block.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<Run>>", into = "Vec<Vec<Run>>")]
pub(super) struct KnownColumns {
    blocks: Vec<Arc<[Column]>>,
    /// The lists last seen to hold the same: a step hands out one and the same list with each chunk, and it is not read again.
    same: OnceLock<Vec<Arc<[Column]>>>,
}

/// Columns as they are saved: hashed ones, `name#0`, `name#1`, …, take no room.
#[derive(Serialize, Deserialize)]
enum Run {
    Numbered { name: String, count: u32, sources: Vec<String> },
    Listed(Vec<Column>),
}

impl From<KnownColumns> for Vec<Vec<Run>> {
    fn from(known: KnownColumns) -> Self {
        known.blocks.iter().map(|columns| runs(columns)).collect()
    }
}

impl TryFrom<Vec<Vec<Run>>> for KnownColumns {
    type Error = String;

    fn try_from(saved: Vec<Vec<Run>>) -> Result<Self, String> {
        let numbered = saved.iter().flatten().map(|run| if let Run::Numbered { count, .. } = run { *count } else { 0 });
        if numbered.map(u64::from).sum::<u64>() > MOST.into() {
            return Err("more hashed columns than a hashing step can make".into());
        }
        let list = |run: Run| match run {
            Run::Listed(columns) => columns,
            Run::Numbered { name, count, sources } => {
                (0..count).map(|i| Column { name: format!("{name}#{i}"), sources: sources.clone() }).collect()
            }
        };
        let blocks = saved.into_iter().map(|runs| runs.into_iter().flat_map(list).collect()).collect();
        Ok(KnownColumns { blocks, same: OnceLock::new() })
    }
}

/// Numbered columns that a file may ask for: as many as a hashing step can make.
const MOST: u32 = 1 << 22;

/// A block of numbered columns as one run, any other as a list.
fn runs(columns: &[Column]) -> Vec<Run> {
    let numbered = |name: &str, sources: &[String]| {
        columns.iter().enumerate().all(|(i, column)| {
            let number = column.name.strip_prefix(name).and_then(|rest| rest.strip_prefix('#'));
            number.is_some_and(|number| number == i.to_string()) && column.sources == sources
        })
    };
    match columns.first().and_then(|first| Some((first.name.strip_suffix("#0")?, &first.sources))) {
        Some((name, sources)) if columns.len() <= MOST as usize && numbered(name, sources) => {
            vec![Run::Numbered { name: name.into(), count: columns.len() as u32, sources: sources.clone() }]
        }
        _ => vec![Run::Listed(columns.to_vec())],
    }
}

impl KnownColumns {
    pub(super) fn of(x: &Features) -> Self {
        KnownColumns { blocks: x.blocks().iter().map(|block| block.columns().clone()).collect(), same: OnceLock::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(|columns| columns.len()).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Column> {
        self.blocks.iter().flat_map(|columns| columns.iter())
    }

    /// # Errors
    /// When `x` has other columns.
    pub(super) fn check(&self, x: &Features, step: &str) -> Result<()> {
        let identical = |lists: &Vec<Arc<[Column]>>| {
            let blocks = x.blocks();
            lists.len() == blocks.len() && lists.iter().zip(blocks).all(|(list, b)| Arc::ptr_eq(list, b.columns()))
        };
        if identical(&self.blocks) || self.same.get().is_some_and(identical) {
            return Ok(());
        }
        let fitted: Vec<Column>;
        let known: &[Column] = match &self.blocks[..] {
            [one] => one,
            _ => {
                fitted = self.iter().cloned().collect();
                &fitted
            }
        };
        same_columns(step, known, x.columns())?;
        let _ = self.same.set(x.blocks().iter().map(|block| block.columns().clone()).collect());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_columns_are_saved_in_short_and_others_as_they_are() {
        let column = |name: String| Column { name, sources: vec!["city".into(), "title".into()] };
        let hashed: Vec<Column> = (0..1000).map(|i| column(format!("city+title#{i}"))).collect();
        assert!(matches!(&runs(&hashed)[..], [Run::Numbered { count: 1000, .. }]));
        let mut other = hashed.clone();
        other[7].name = "city+title#07".into();
        assert!(matches!(&runs(&other)[..], [Run::Listed(columns)] if *columns == other));
        let too_many = Run::Numbered { name: "city".into(), count: MOST + 1, sources: Vec::new() };
        assert!(KnownColumns::try_from(vec![vec![too_many]]).unwrap_err().contains("more hashed columns"));
        for columns in [hashed, other, Vec::new()] {
            let known = KnownColumns { blocks: vec![columns.clone().into()], same: OnceLock::new() };
            let saved: Vec<Vec<Run>> = known.into();
            assert!(KnownColumns::try_from(saved).unwrap().iter().eq(&columns));
        }
    }
}

//! What `adflux compare-segments` says.

use super::people::{Codes, Joined, People};
use crate::{
    numbers::{count_in, counted, percent_in},
    tables::{indented, paragraph, table},
};
use adflux::{
    evaluation::segments::{Change, Lone, SegmentChanges},
    postprocessing::Language,
};
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};

/// The report. Field names are a contract with scripts.
#[derive(Serialize)]
pub struct Report {
    rows: Rows,
    /// 1 for the same segments, 0 for what chance makes; null when nobody is in a segment at both dates.
    adjusted_rand: Option<f64>,
    /// Of the people in both tables.
    changes: Changes,
    segments: Vec<Matched>,
    vanished: Vec<Alone>,
    new: Vec<Alone>,
    /// From which segment people moved to which, the most first; null is in no segment.
    moves: Vec<Move>,
}

#[derive(Serialize)]
struct Rows {
    before: usize,
    after: usize,
    both: usize,
    gone: usize,
    came: usize,
}

#[derive(Default, Serialize)]
struct Changes {
    stayed: usize,
    moved: usize,
    left: usize,
    joined: usize,
}

#[derive(Serialize)]
struct Matched {
    before: String,
    after: String,
    /// All rows of the segment in its table.
    size_before: usize,
    size_after: usize,
    both: usize,
    /// Over the people in both tables.
    jaccard: f64,
}

#[derive(Serialize)]
struct Alone {
    segment: String,
    size: usize,
    /// Where most of it is at the other date; null when nowhere.
    mostly: Option<String>,
    there: usize,
}

#[derive(Serialize)]
struct Move {
    from: Option<String>,
    to: Option<String>,
    rows: usize,
}

impl Report {
    pub fn new(before: &People, after: &People, joined: &Joined, codes: &Codes, found: &SegmentChanges) -> Self {
        let name = |code: u32| codes.names[code as usize].clone();
        let (sizes_before, sizes_after) = (before.sizes(), after.sizes());
        let size = |sizes: &BTreeMap<&str, usize>, code: u32| sizes.get(codes.names[code as usize].as_str()).copied();
        let matched = found.matches.iter().map(|m| Matched {
            before: name(m.before),
            after: name(m.after),
            size_before: size(&sizes_before, m.before).unwrap_or_default(),
            size_after: size(&sizes_after, m.after).unwrap_or_default(),
            both: m.both,
            jaccard: m.jaccard,
        });
        let alone = |lone: &Lone, sizes: &BTreeMap<&str, usize>| Alone {
            segment: name(lone.segment),
            size: size(sizes, lone.segment).unwrap_or_default(),
            mostly: lone.mostly.map(name),
            there: lone.there,
        };
        let mut changes = Changes::default();
        let mut moves: BTreeMap<(Option<u32>, Option<u32>), usize> = BTreeMap::new();
        for (person, change) in found.changes.iter().enumerate() {
            match change {
                Change::Stayed => changes.stayed += 1,
                Change::Moved => changes.moved += 1,
                Change::Left => changes.left += 1,
                Change::Joined => changes.joined += 1,
            }
            if *change != Change::Stayed {
                *moves.entry((codes.before[person], codes.after[person])).or_default() += 1;
            }
        }
        let mut moves: Vec<_> = moves.into_iter().collect();
        // The sort keeps the order of equals.
        moves.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        // A segment that only people of one table are in has no match, and no code among those compared.
        let only = |sizes: &BTreeMap<&str, usize>, compared: &[Option<u32>]| -> Vec<Alone> {
            let unseen =
                sizes.iter().filter(|(segment, _)| !compared.iter().flatten().any(|code| name(*code) == **segment));
            unseen
                .map(|(segment, size)| Alone { segment: segment.to_string(), size: *size, mostly: None, there: 0 })
                .collect()
        };
        let mut vanished: Vec<Alone> = found.vanished.iter().map(|lone| alone(lone, &sizes_before)).collect();
        vanished.extend(only(&sizes_before, &codes.before));
        let mut new: Vec<Alone> = found.new.iter().map(|lone| alone(lone, &sizes_after)).collect();
        new.extend(only(&sizes_after, &codes.after));
        Report {
            rows: Rows {
                before: before.segments.len(),
                after: after.segments.len(),
                both: joined.both.len(),
                gone: joined.gone.len(),
                came: joined.came.len(),
            },
            adjusted_rand: found.adjusted_rand,
            changes,
            segments: matched.collect(),
            vanished,
            new,
            moves: moves
                .into_iter()
                .map(|((from, to), rows)| Move { from: from.map(name), to: to.map(name), rows })
                .collect(),
        }
    }

    /// The report for people, 80 columns wide.
    pub fn words(&self, before: &Path, after: &Path, language: Language) -> String {
        let say = |en, es| language.pick(en, es);
        let count = |rows: usize| count_in(rows as f64, language);
        let Rows { both, gone, came, .. } = self.rows;
        let people = counted(
            both,
            say("person is in both tables", "persona está en las dos tablas"),
            say("people are in both tables", "personas están en las dos tablas"),
            language,
        );
        let others = format!(
            "{} {}, {} {}",
            count(gone),
            say("in the first only", "solo en la primera"),
            count(came),
            say("in the second only", "solo en la segunda")
        );
        let title = format!("{} → {}", before.display(), after.display());
        let stayed = percent_in(self.changes.stayed as f64 / both as f64, 0, language);
        let agreement = match self.adjusted_rand {
            Some(value) => {
                format!(" {} {}.", say("Adjusted Rand index:", "Índice de Rand ajustado:"), language.number(value, 2))
            }
            None => String::new(),
        };
        let mut all = format!(
            "{people} ({others}). {stayed} {}.{agreement}",
            say("stayed in their segment", "siguen en su segmento")
        );
        for (rows, what) in [
            (self.changes.moved, say("moved to another", "pasaron a otro")),
            (self.changes.left, say("are in none any more", "ya no están en ninguno")),
            (self.changes.joined, say("were in none before", "antes no estaban en ninguno")),
        ] {
            if rows > 0 {
                all.push_str(&format!(" {} {what}.", count(rows)));
            }
        }
        let mut parts = vec![title, paragraph(&all, 0)];
        let none = say("none", "ninguno");
        if !self.segments.is_empty() {
            let header = [
                say("before", "antes"),
                say("after", "después"),
                say("rows before", "filas antes"),
                say("rows after", "filas después"),
                say("stayed", "siguen"),
                "Jaccard",
            ];
            let mut rows = table(&header, 2);
            for m in &self.segments {
                rows.add_row([
                    m.before.clone(),
                    m.after.clone(),
                    count(m.size_before),
                    count(m.size_after),
                    count(m.both),
                    language.number(m.jaccard, 2),
                ]);
            }
            parts.push(indented(&rows).trim_end().to_string());
        }
        if !self.vanished.is_empty() || !self.new.is_empty() {
            let header = [
                say("without a match", "sin pareja"),
                "",
                say("rows", "filas"),
                say("mostly in", "sobre todo en"),
                say("people there", "personas allí"),
            ];
            let mut rows = table(&header, 2);
            let vanished = self.vanished.iter().map(|alone| (alone, say("vanished", "desaparece")));
            for (alone, what) in vanished.chain(self.new.iter().map(|alone| (alone, say("new", "nuevo")))) {
                let there = alone.mostly.as_ref().map_or("–".into(), |_| count(alone.there));
                let mostly = alone.mostly.clone().unwrap_or("–".into());
                rows.add_row([alone.segment.clone(), what.into(), count(alone.size), mostly, there]);
            }
            parts.push(indented(&rows).trim_end().to_string());
        }
        if !self.moves.is_empty() {
            let header = [
                say("was in", "estaba en"),
                say("which became", "que pasó a ser"),
                say("is in", "está en"),
                say("people", "personas"),
            ];
            let mut rows = table(&header, 3);
            let named = |segment: &Option<String>| segment.as_deref().unwrap_or(none).to_string();
            for one in self.moves.iter().take(MOVES) {
                // Numbers of the two dates are not the same segments.
                let became = self.segments.iter().find(|m| Some(&m.before) == one.from.as_ref());
                let became = became.map_or("–".to_string(), |m| m.after.clone());
                rows.add_row([named(&one.from), became, named(&one.to), count(one.rows)]);
            }
            let head = say("Who moved, the most first:", "Quiénes cambiaron, los más numerosos primero:");
            parts.push(format!("{head}\n{}", indented(&rows).trim_end()));
            parts.push(paragraph(
                say(
                    "Where the second table was segmented anew, people move who have not changed. Who changed is seen by putting it into the \
                     segments of the first: adflux predict with the model that adflux segment --model saved.",
                    "Si la segunda tabla se segmentó de nuevo, cambian de segmento personas que no han cambiado. Para ver quién cambió, se \
                     pone en los segmentos de la primera: adflux predict con el modelo que guardó adflux segment --model.",
                ),
                0,
            ));
        }
        parts.join("\n\n")
    }
}

/// Moves that are told in words.
const MOVES: usize = 10;

//! Several levels of segments: what is reported of each, and the tree in words.

use super::report::words_of;
use adflux::postprocessing::{Language, SegmentDescription};
use serde::Serialize;

/// The segments of one level. Field names are a contract with scripts.
#[derive(Debug, Serialize)]
pub struct LevelReport {
    pub k: usize,
    /// The column of the rows that are written.
    pub column: String,
    pub segments: Vec<LevelSegment>,
}

/// A segment of a level.
#[derive(Debug, Serialize)]
pub struct LevelSegment {
    /// The segment of the coarser level that it lies in; null at the coarsest.
    pub parent: Option<u32>,
    #[serde(flatten)]
    pub description: SegmentDescription,
}

impl LevelReport {
    pub fn new(k: usize, descriptions: Vec<SegmentDescription>, parents: &[u32]) -> Self {
        let segments = descriptions.into_iter().map(|description| LevelSegment {
            parent: description.id.and_then(|id| parents.get(id as usize).copied()),
            description,
        });
        LevelReport { k, column: column(k), segments: segments.collect() }
    }
}

/// The column of a level of `k` segments.
pub fn column(k: usize) -> String {
    format!("segment_{k}")
}

/// "3, 5 and 8".
pub fn listed(levels: &[LevelReport], language: Language) -> String {
    let numbers: Vec<String> = levels.iter().map(|level| level.k.to_string()).collect();
    match numbers.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {} {last}", rest.join(", "), language.pick("and", "y")),
        None => String::new(),
    }
}

/// Why there are these levels, in two sentences.
pub fn reason(levels: &[LevelReport], language: Language) -> String {
    let numbers = listed(levels, language);
    match language {
        Language::En => format!(
            "Levels of {numbers} segments, as asked for: each segment of a finer level lies in one of the coarser. The measures \
             are those of the finest level."
        ),
        Language::Es => format!(
            "Niveles de {numbers} segmentos, los que se pidieron: cada segmento de un nivel más fino está dentro de uno del más \
             general. Las medidas son las del nivel más fino."
        ),
    }
}

/// Columns by which a level stands in from the coarser.
const INDENT: usize = 3;

/// Every segment of the coarsest level, each followed by the segments that lie in it.
pub fn tree(levels: &[LevelReport], language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    below(levels, 0, None, language, &mut lines);
    lines
}

fn below(levels: &[LevelReport], depth: usize, parent: Option<u32>, language: Language, lines: &mut Vec<String>) {
    let Some(level) = levels.get(depth) else { return };
    let inside: Vec<&LevelSegment> = level.segments.iter().filter(|segment| segment.parent == parent).collect();
    for segment in &inside {
        let id = segment.description.id.map_or("–".to_string(), |id| id.to_string());
        let label = format!("{} = {id}", level.column);
        lines.push(match (depth, inside.len()) {
            // All has been told one level up.
            (1.., 1) => format!("{}{label}  {}", " ".repeat(depth * INDENT), undivided(language)),
            _ => words_of(&segment.description, &label, depth * INDENT, INDENT, language),
        });
        if segment.description.id.is_some() {
            below(levels, depth + 1, segment.description.id, language, lines);
        }
    }
}

fn undivided(language: Language) -> &'static str {
    language.pick("the same rows: not divided further", "las mismas filas: no se divide más")
}

//! Names of segments: short, true of most of their rows, and different from each other.

use super::{Language, SegmentDescription, SegmentFeature};
use std::collections::{BTreeMap, HashMap};

/// How many features a name is made of.
const SHORTEST: usize = 2;
/// How many it may be made of to differ from the others.
const LONGEST: usize = 3;

/// Gives every segment its name: as short as keeps them apart.
pub(super) fn name(all: &mut [SegmentDescription], language: Language) {
    (0..all.len()).for_each(|i| all[i].name = name_of(&all[i], SHORTEST, language));
    twins(all).concat().into_iter().for_each(|i| all[i].name = name_of(&all[i], LONGEST, language));
    // Segments that differ in the same columns in the same way: one condition of the rule tells how much.
    for twins in twins(all) {
        let own: Vec<Option<String>> = twins.iter().map(|&i| condition(all, i, &twins, language)).collect();
        for (&i, condition) in twins.iter().zip(own) {
            if let Some(condition) = condition {
                all[i].name = format!("{} ({condition})", all[i].name);
            }
        }
    }
    for twins in twins(all) {
        twins.into_iter().zip(1..).for_each(|(i, number)| all[i].name = format!("{} ({number})", all[i].name));
    }
}

/// The places of segments that have one name, in their order.
fn twins(all: &[SegmentDescription]) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    all.iter().enumerate().for_each(|(i, segment)| places.entry(&segment.name).or_default().push(i));
    places.into_values().filter(|places| places.len() > 1).collect()
}

/// The first condition of the rule of segment `i` that no twin's rule has.
fn condition(all: &[SegmentDescription], i: usize, twins: &[usize], language: Language) -> Option<String> {
    let conditions = |i: usize| all[i].rule.iter().flat_map(|rule| &rule.conditions);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let texts = twins.iter().flat_map(|&twin| conditions(twin)).map(|condition| condition.text(language));
    texts.for_each(|text| *counts.entry(text).or_default() += 1);
    conditions(i).map(|condition| condition.text(language)).find(|text| counts.get(text) == Some(&1))
}

fn name_of(segment: &SegmentDescription, parts: usize, language: Language) -> String {
    if segment.id.is_none() {
        return language.pick("in no segment", "en ningún segmento").into();
    }
    let told = || segment.features.iter().filter(|feature| feature.same_as.is_none());
    let mut chosen: Vec<&SegmentFeature> = Vec::new();
    for feature in told().filter(|feature| feature.holds()) {
        if chosen.len() < parts && !chosen.iter().any(|other| other.column == feature.column) {
            chosen.push(feature);
        }
    }
    let phrases: Vec<String> = chosen.iter().map(|feature| feature.short(language)).collect();
    match (phrases.is_empty(), told().next()) {
        (false, _) => phrases.join(", "),
        (true, Some(strongest)) => strongest.tendency(language),
        (true, None) => language.pick("close to the average", "cerca de la media").into(),
    }
}
